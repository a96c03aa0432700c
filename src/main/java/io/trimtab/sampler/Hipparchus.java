package io.trimtab.sampler;

/** The optional library of numerics. */
final class Hipparchus {

  private Hipparchus() {}

  /** Says which library is missing, instead of a class that nobody knows. */
  static void require(String user) {
    require(user, "org.hipparchus.random.SobolSequenceGenerator");
  }

  static void require(String user, String type) {
    try {
      Class.forName(type, /* initialize= */ false, Hipparchus.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          user
              + " needs the library org.hipparchus:hipparchus-core, version 4 or later, on the class"
              + " path",
          e);
    }
  }
}
