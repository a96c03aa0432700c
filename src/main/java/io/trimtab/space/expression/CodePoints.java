package io.trimtab.space.expression;

/** Orders strings as CEL does, by code points instead of Java's UTF-16 units. */
final class CodePoints {

  private CodePoints() {}

  /** Compares two strings without unpaired surrogates. */
  static int compare(String left, String right) {
    int shared = Math.min(left.length(), right.length());
    for (int i = 0; i < shared; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        // a surrogate belongs to a code point above every unit that is none
        boolean aboveBmp = Character.isSurrogate(a);
        return aboveBmp == Character.isSurrogate(b) ? Character.compare(a, b) : aboveBmp ? 1 : -1;
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  static long size(String text) {
    return text.codePointCount(0, text.length());
  }
}
