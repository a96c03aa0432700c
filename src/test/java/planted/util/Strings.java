package planted.util;

/** Planted: a dumping ground. */
final class Strings {}
