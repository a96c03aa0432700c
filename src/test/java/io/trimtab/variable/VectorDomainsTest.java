package io.trimtab.variable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** EMBEDDING and TENSOR: what they take, how they are copied and encoded. */
final class VectorDomainsTest {

  @Test
  void embedding_numbersOfAnyKind_becomeFloats() {
    EmbeddingDomain three = EmbeddingDomain.of(3);

    Embedding expected = Embedding.of(1f, 2.5f, -3f);
    assertThat(three.normalize(new float[] {1f, 2.5f, -3f})).isEqualTo(expected);
    assertThat(three.normalize(new double[] {1, 2.5, -3})).isEqualTo(expected);
    assertThat(three.normalize(List.of(1, 2.5, -3L))).isEqualTo(expected);
    assertThat(three.normalize(expected)).isSameAs(expected);
  }

  @Test
  void embedding_whatIsNoVectorOfFiniteNumbers_isRefused() {
    EmbeddingDomain any = EmbeddingDomain.of(0);
    for (Object value :
        new Object[] {
          new float[0],
          List.of(),
          List.of("1"),
          Arrays.asList(1, null),
          new float[] {Float.NaN},
          new float[] {Float.POSITIVE_INFINITY},
          new double[] {1e300},
          "1,2",
          1.0,
          null
        }) {
      assertThat(any.accepts(value)).isFalse();
    }
    assertThat(EmbeddingDomain.of(2).accepts(new float[] {1f})).isFalse();
    assertThatThrownBy(() -> EmbeddingDomain.of(2).normalize("v", new float[] {1f}))
        .hasMessageContaining("a vector of 2 finite numbers");
  }

  @Test
  void embedding_normalized_hasLengthOne() {
    EmbeddingDomain unit = new EmbeddingDomain(2, true);

    assertThat(unit.accepts(new double[] {0.6, 0.8})).isTrue();
    assertThat(unit.accepts(new double[] {0.6, 0.9})).isFalse();
    assertThat(unit.accepts(new double[] {0, 0})).isFalse();
  }

  @Test
  void embedding_arrayChangedLater_changesNothing() {
    float[] mine = {1f, 2f};

    Embedding embedding = Embedding.of(mine);
    mine[0] = 9f;
    embedding.toArray()[1] = 9f;

    assertThat(embedding).isEqualTo(Embedding.of(1f, 2f));
    assertThat(Embedding.of(0f)).isNotEqualTo(Embedding.of(-0f));
    assertThat(embedding.norm()).isEqualTo(Math.sqrt(5));
  }

  @Test
  void embedding_definition_limitsDimensions() {
    assertThatThrownBy(() -> EmbeddingDomain.of(-1)).isInstanceOf(InvalidDefinitionException.class);
    assertThatThrownBy(() -> EmbeddingDomain.of(Embedding.MAX_DIMENSIONS + 1))
        .isInstanceOf(InvalidDefinitionException.class);
    assertThatThrownBy(Embedding::of).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Embedding.of(Float.NaN)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void embedding_toString_staysShort() {
    assertThat(Embedding.of(1f, 2f)).hasToString("[1.0, 2.0]");
    assertThat(Embedding.of(new float[5])).hasToString("[0.0, 0.0, 0.0, 0.0, ...] (5 dimensions)");
  }

  @Test
  void tensor_shapeAndDataThatDisagree_areRefused() {
    assertThatThrownBy(() -> Tensor.ofFloats(List.of(2, 2), 1f, 2f, 3f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 bytes")
        .hasMessageContaining("12");
    assertThatThrownBy(() -> Tensor.of(ElementType.INT64, List.of(1), new byte[7]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensor.of(ElementType.INT32, List.of(-1), new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                Tensor.of(
                    ElementType.INT32,
                    List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
                    new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> Tensor.of(ElementType.INT32, java.util.Collections.nCopies(17, 1), new byte[4]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tensor_elements_areReadBack() {
    assertThat(Tensor.ofFloats(List.of(2), 1.5f, -0f).doubleAt(1)).isEqualTo(-0.0);
    assertThat(Tensor.ofDoubles(List.of(), 7).doubleAt(0)).isEqualTo(7);
    assertThat(Tensor.ofInts(List.of(1, 2), 1, -2).longAt(1)).isEqualTo(-2);
    assertThat(Tensor.ofLongs(List.of(1), Long.MAX_VALUE).longAt(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(Tensor.ofInts(List.of(2), 1, 2).doubleAt(1)).isEqualTo(2.0);
    assertThat(Tensor.of(ElementType.FLOAT32, List.of(0, 5), new byte[0]).size()).isZero();
    assertThatThrownBy(() -> Tensor.ofFloats(List.of(1), 1f).longAt(0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tensor_bytes_areLittleEndianAndCopied() {
    byte[] bytes = {1, 0, 0, 0};
    Tensor tensor = Tensor.of(ElementType.INT32, List.of(1), bytes);
    bytes[0] = 9;
    tensor.toBytes()[0] = 9;

    assertThat(tensor.longAt(0)).isEqualTo(1);
    assertThat(tensor).isEqualTo(Tensor.ofInts(List.of(1), 1));
    assertThat(tensor).isNotEqualTo(Tensor.of(ElementType.FLOAT32, List.of(1), tensor.toBytes()));
    assertThat(tensor).isNotEqualTo(Tensor.ofInts(List.of(1, 1), 1));
    assertThat(tensor).hasToString("INT32[1]");
  }

  @Test
  void tensor_domain_checksTypeAndShape() {
    TensorDomain domain = new TensorDomain(ElementType.FLOAT32, List.of(2));

    assertThat(domain.accepts(Tensor.ofFloats(List.of(2), 1f, 2f))).isTrue();
    assertThat(domain.accepts(Tensor.ofFloats(List.of(1, 2), 1f, 2f))).isFalse();
    assertThat(domain.accepts(Tensor.ofInts(List.of(2), 1, 2))).isFalse();
    assertThat(domain.accepts(new float[] {1f, 2f})).isFalse();
    assertThatThrownBy(() -> new TensorDomain(null, List.of(-1)))
        .isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void tensor_decode_refusesWhatEncodeNeverWrites() {
    TensorDomain any = TensorDomain.any();
    String one = Base64.getEncoder().encodeToString(new byte[] {1, 0, 0, 0});
    assertThat(any.decode(Map.of("dtype", "INT32", "shape", List.of(1L), "data", one)))
        .isEqualTo(Tensor.ofInts(List.of(1), 1));

    for (Map<String, Object> bad :
        List.<Map<String, Object>>of(
            Map.of("dtype", "INT32", "shape", List.of(1L)),
            Map.of("dtype", "INT32", "shape", List.of(1L), "data", one, "more", 1L),
            Map.of("dtype", "int32", "shape", List.of(1L), "data", one),
            Map.of("dtype", "INT32", "shape", List.of(2L), "data", one),
            Map.of("dtype", "INT32", "shape", List.of(1.0), "data", one),
            Map.of("dtype", "INT32", "shape", List.of(-1L), "data", one),
            Map.of("dtype", "INT32", "shape", List.of(1L << 40), "data", one),
            Map.of("dtype", "INT32", "shape", List.of(1L << 26, 1L << 26, 1L << 26), "data", one),
            Map.of("dtype", "INT32", "shape", List.of("1"), "data", one),
            Map.of("dtype", "INT32", "shape", List.of(1L), "data", "no base64!"),
            Map.of("dtype", "INT32", "shape", java.util.Collections.nCopies(99, 1L), "data", one),
            Map.of("dtype", 3L, "shape", List.of(1L), "data", one))) {
      assertThat(any.decode(bad)).as("%s", bad).isNull();
    }
    assertThat(any.decode("text")).isNull();
    assertThat(any.decode(null)).isNull();
  }
}
