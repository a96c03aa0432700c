package io.trimtab.openai;

/** Tells strict UTF-8 from everything else. */
final class Utf8 {
  /*
   * Unicode 15, table 3-7: overlong forms, surrogates and anything above U+10FFFF are malformed.
   * NUL is refused as well: JSON cannot hold it bare, and it is what UTF-16 or UTF-32 looks like
   * here, which Jackson would otherwise guess and accept.
   */

  private Utf8() {}

  /**
   * Returns the place of the first byte that is not part of a well-formed character, or −1 if all
   * is well.
   *
   * @param bytes where to look
   * @param length how many bytes to look at, from the start
   */
  static int firstMalformed(byte[] bytes, int length) {
    int i = 0;
    while (i < length) {
      byte lead = bytes[i];
      if (lead > 0) {
        i++;
        continue;
      }
      int size = size(lead & 0xFF);
      if (size == 0 || i + size > length || !wellFormed(bytes, i, size)) {
        return i;
      }
      i += size;
    }
    return -1;
  }

  private static int size(int lead) {
    if (lead >= 0xC2 && lead <= 0xDF) {
      return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
      return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
  }

  private static boolean wellFormed(byte[] bytes, int at, int size) {
    int lead = bytes[at] & 0xFF;
    int second = bytes[at + 1] & 0xFF;
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) {
      return false;
    }
    for (int k = 2; k < size; k++) {
      if ((bytes[at + k] & 0xC0) != 0x80) {
        return false;
      }
    }
    return true;
  }
}
