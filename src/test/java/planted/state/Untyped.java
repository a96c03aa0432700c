package planted.state;

/** Planted: an exception outside the family. */
public final class Untyped extends RuntimeException {
  private static final long serialVersionUID = 1L;
}
