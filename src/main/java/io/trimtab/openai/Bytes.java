package io.trimtab.openai;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A growing run of bytes that can be read in place, so that a body is not copied once more to be
 * parsed.
 */
final class Bytes extends OutputStream {

  private byte[] array;
  private int length;

  Bytes(int capacity) {
    array = new byte[capacity];
  }

  @Override
  public void write(int b) {
    grow(1);
    array[length++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int offset, int count) {
    grow(count);
    System.arraycopy(source, offset, array, length, count);
    length += count;
  }

  void write(ByteBuffer source) {
    int count = source.remaining();
    grow(count);
    source.get(array, length, count);
    length += count;
  }

  /** The bytes, valid up to {@link #length()} and until the next write. */
  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  /** Drops the last byte. */
  void chop() {
    length--;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(array, length);
  }

  private void grow(int more) {
    int needed = Math.addExact(length, more);
    if (needed > array.length) {
      array = Arrays.copyOf(array, Math.max(needed, array.length + (array.length >> 1) + 64));
    }
  }
}
