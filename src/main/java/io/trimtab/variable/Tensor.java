package io.trimtab.variable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable dense array: element type, shape and row-major data.
 *
 * <p>The data is kept as little-endian bytes, the form in which it also travels; equality is by
 * bytes. A scalar has an empty shape and one element.
 *
 * <pre>{@code
 * Tensor identity = Tensor.ofDoubles(List.of(2, 2), 1, 0, 0, 1);
 * identity.doubleAt(3); // 1.0
 * }</pre>
 */
public final class Tensor {

  /** Most bytes of one tensor's data: 64 MiB. */
  public static final int MAX_BYTES = 64 << 20;

  /** Most dimensions of one tensor. */
  public static final int MAX_RANK = 16;

  private final ElementType elementType;
  private final List<Integer> shape;
  private final byte[] data;

  private Tensor(ElementType elementType, List<Integer> shape, byte[] data) {
    this.elementType = elementType;
    this.shape = List.copyOf(shape);
    this.data = data;
    long expected = byteCount(elementType, this.shape);
    if (expected != data.length) {
      throw new IllegalArgumentException(
          "a %s tensor of shape %s has %d bytes of data, got %d"
              .formatted(elementType, shape, expected, data.length));
    }
  }

  /**
   * Copies little-endian row-major bytes.
   *
   * @param elementType what the elements are
   * @param shape the extents, each at least 0, at most {@link #MAX_RANK} of them
   * @param littleEndian the elements in row-major order
   * @return the tensor
   * @throws IllegalArgumentException if shape and data disagree or exceed {@link #MAX_BYTES}
   */
  public static Tensor of(ElementType elementType, List<Integer> shape, byte[] littleEndian) {
    return new Tensor(elementType, shape, littleEndian.clone());
  }

  /**
   * Creates a {@link ElementType#FLOAT32} tensor.
   *
   * @param shape the extents
   * @param values the elements in row-major order
   * @return the tensor
   */
  public static Tensor ofFloats(List<Integer> shape, float... values) {
    byte[] data = new byte[bytes(values.length, Float.BYTES)];
    littleEndian(data).asFloatBuffer().put(values);
    return new Tensor(ElementType.FLOAT32, shape, data);
  }

  /**
   * Creates a {@link ElementType#FLOAT64} tensor.
   *
   * @param shape the extents
   * @param values the elements in row-major order
   * @return the tensor
   */
  public static Tensor ofDoubles(List<Integer> shape, double... values) {
    byte[] data = new byte[bytes(values.length, Double.BYTES)];
    littleEndian(data).asDoubleBuffer().put(values);
    return new Tensor(ElementType.FLOAT64, shape, data);
  }

  /**
   * Creates a {@link ElementType#INT32} tensor.
   *
   * @param shape the extents
   * @param values the elements in row-major order
   * @return the tensor
   */
  public static Tensor ofInts(List<Integer> shape, int... values) {
    byte[] data = new byte[bytes(values.length, Integer.BYTES)];
    littleEndian(data).asIntBuffer().put(values);
    return new Tensor(ElementType.INT32, shape, data);
  }

  /**
   * Creates a {@link ElementType#INT64} tensor.
   *
   * @param shape the extents
   * @param values the elements in row-major order
   * @return the tensor
   */
  public static Tensor ofLongs(List<Integer> shape, long... values) {
    byte[] data = new byte[bytes(values.length, Long.BYTES)];
    littleEndian(data).asLongBuffer().put(values);
    return new Tensor(ElementType.INT64, shape, data);
  }

  private static int bytes(int elements, int bytes) {
    if ((long) elements * bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a tensor has at most %d bytes, got %d elements of %d"
              .formatted(MAX_BYTES, elements, bytes));
    }
    return elements * bytes;
  }

  private static long byteCount(ElementType elementType, List<Integer> shape) {
    if (shape.size() > MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has at most %d dimensions, got %d".formatted(MAX_RANK, shape.size()));
    }
    long bytes = elementType.bytes();
    for (int extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("extents are at least 0, got " + shape);
      }
      bytes = Math.multiplyExact(bytes, (long) extent);
      if (bytes > MAX_BYTES) {
        throw new IllegalArgumentException(
            "a tensor has at most %d bytes, got shape %s".formatted(MAX_BYTES, shape));
      }
    }
    return bytes;
  }

  /**
   * Returns what the elements are.
   *
   * @return the element type
   */
  public ElementType elementType() {
    return elementType;
  }

  /**
   * Returns the extents.
   *
   * @return an unmodifiable list, empty for a scalar
   */
  public List<Integer> shape() {
    return shape;
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of the extents
   */
  public int size() {
    return data.length / elementType.bytes();
  }

  /**
   * Returns one element as a double; 64-bit integers may lose their lowest bits.
   *
   * @param index row-major, in {@code [0, size)}
   * @return the element
   */
  public double doubleAt(int index) {
    return switch (elementType) {
      case FLOAT32 -> littleEndian(data).getFloat(index * Float.BYTES);
      case FLOAT64 -> littleEndian(data).getDouble(index * Double.BYTES);
      case INT32, INT64 -> (double) longAt(index);
    };
  }

  /**
   * Returns one element of an integer tensor.
   *
   * @param index row-major, in {@code [0, size)}
   * @return the element
   * @throws IllegalStateException if the elements are floating-point numbers
   */
  public long longAt(int index) {
    return switch (elementType) {
      case INT32 -> littleEndian(data).getInt(index * Integer.BYTES);
      case INT64 -> littleEndian(data).getLong(index * Long.BYTES);
      case FLOAT32, FLOAT64 ->
          throw new IllegalStateException(
              "longAt reads integer tensors, this one is " + elementType);
    };
  }

  /**
   * Copies the elements as little-endian bytes.
   *
   * @return an array the caller owns
   */
  public byte[] toBytes() {
    return data.clone();
  }

  private static ByteBuffer littleEndian(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tensor that
        && elementType == that.elementType
        && shape.equals(that.shape)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * elementType.hashCode() + shape.hashCode()) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return elementType + shape.toString();
  }
}
