package io.trimtab.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class Utf8Test {

  /** The JDK's strict decoder is the oracle; it accepts NUL, which we do not. */
  private static boolean wellFormed(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return false;
      }
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void firstMalformed_allPairsOfBytes_agreesWithTheJdk() {
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        byte[] bytes = {(byte) a, (byte) b};
        assertThat(Utf8.firstMalformed(bytes, 2) < 0)
            .as("%x %x", a, b)
            .isEqualTo(wellFormed(bytes));
      }
    }
  }

  @Test
  void firstMalformed_randomNearMisses_agreesWithTheJdk() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(6)];
      for (int i = 0; i < bytes.length; i++) {
        int kind = random.nextInt(4);
        int value =
            kind == 0
                ? 0xE0 + random.nextInt(32)
                : kind == 1 ? 1 + random.nextInt(127) : 0x80 + random.nextInt(64);
        bytes[i] = (byte) value;
      }
      if (Utf8.firstMalformed(bytes, bytes.length) < 0 != wellFormed(bytes)) {
        throw new AssertionError("seed %d, round %d".formatted(seed, round));
      }
    }
  }

  @Test
  void firstMalformed_namesThePlace() {
    byte[] bytes = "ab\u00e9?".getBytes(StandardCharsets.UTF_8);
    bytes[4] = (byte) 0xFF;

    assertThat(Utf8.firstMalformed(bytes, bytes.length)).isEqualTo(4);
    assertThat(Utf8.firstMalformed(bytes, 4)).isEqualTo(-1);
  }
}
