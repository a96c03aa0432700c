package io.trimtab.bridge;

import com.google.protobuf.ByteString;
import io.trimtab.bridge.wire.Value;
import io.trimtab.variable.ElementType;
import io.trimtab.variable.Embedding;
import io.trimtab.variable.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns canonical values of variables into messages and back, bit for bit. */
final class WireValues {

  private WireValues() {}

  static Value of(Object canonical) {
    Value.Builder value = Value.newBuilder();
    if (canonical instanceof Double number) {
      value.setFloatValue(number);
    } else if (canonical instanceof Long number) {
      value.setIntegerValue(number);
    } else if (canonical instanceof Boolean flag) {
      value.setBooleanValue(flag);
    } else if (canonical instanceof String text) {
      value.setTextValue(text);
    } else if (canonical instanceof Embedding vector) {
      value.setEmbeddingValue(bytes(vector));
    } else if (canonical instanceof Tensor tensor) {
      value.setTensorValue(tensor(tensor));
    } else {
      throw new IllegalArgumentException(
          "expected a canonical value of a variable, got a " + canonical.getClass().getName());
    }
    return value.build();
  }

  /**
   * Returns the canonical value of a message.
   *
   * @param name the variable, for errors
   * @throws IllegalArgumentException if the message has no kind this version knows, or contradicts
   *     itself
   */
  static Object canonical(String name, Value value) {
    return switch (value.getKindCase()) {
      case FLOAT_VALUE -> value.getFloatValue();
      case INTEGER_VALUE -> value.getIntegerValue();
      case BOOLEAN_VALUE -> value.getBooleanValue();
      case TEXT_VALUE -> value.getTextValue();
      case EMBEDDING_VALUE -> embedding(name, value.getEmbeddingValue());
      case TENSOR_VALUE -> tensor(name, value.getTensorValue());
      case KIND_NOT_SET ->
          throw new IllegalArgumentException(
              name + ": expected a kind of value that this version knows");
    };
  }

  private static ByteString bytes(Embedding vector) {
    float[] elements = vector.toArray();
    ByteBuffer buffer =
        ByteBuffer.allocate(elements.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(elements);
    return ByteString.copyFrom(buffer);
  }

  private static Embedding embedding(String name, ByteString bytes) {
    if (bytes.size() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "%s: expected 4 bytes per element, got %d bytes".formatted(name, bytes.size()));
    }
    float[] elements = new float[bytes.size() / Float.BYTES];
    bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(elements);
    return Embedding.of(elements);
  }

  private static io.trimtab.bridge.wire.Tensor tensor(Tensor tensor) {
    return io.trimtab.bridge.wire.Tensor.newBuilder()
        .setDtype(type(tensor.elementType()))
        .addAllShape(tensor.shape())
        .setData(ByteString.copyFrom(tensor.toBytes()))
        .build();
  }

  private static Tensor tensor(String name, io.trimtab.bridge.wire.Tensor tensor) {
    ElementType type = type(tensor.getDtype());
    if (type == null) {
      throw new IllegalArgumentException(
          "%s: expected an element type that this version knows, got %d"
              .formatted(name, tensor.getDtypeValue()));
    }
    return Tensor.of(type, List.copyOf(tensor.getShapeList()), tensor.getData().toByteArray());
  }

  static io.trimtab.bridge.wire.ElementType type(ElementType type) {
    return switch (type) {
      case FLOAT32 -> io.trimtab.bridge.wire.ElementType.FLOAT32;
      case FLOAT64 -> io.trimtab.bridge.wire.ElementType.FLOAT64;
      case INT32 -> io.trimtab.bridge.wire.ElementType.INT32;
      case INT64 -> io.trimtab.bridge.wire.ElementType.INT64;
    };
  }

  /** Returns null for a type this version does not know, or none. */
  static @Nullable ElementType type(io.trimtab.bridge.wire.ElementType type) {
    return switch (type) {
      case FLOAT32 -> ElementType.FLOAT32;
      case FLOAT64 -> ElementType.FLOAT64;
      case INT32 -> ElementType.INT32;
      case INT64 -> ElementType.INT64;
      case ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }
}
