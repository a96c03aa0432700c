package io.trimtab.state;

/** What every text must satisfy so that each backend keeps it unchanged. */
final class StorableText {

  private StorableText() {}

  /** Returns whether a text is free of U+0000 and of unpaired surrogates. */
  static boolean is(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (i + 1 == length || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
