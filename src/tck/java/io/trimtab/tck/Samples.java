package io.trimtab.tck;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.variable.ElementType;
import io.trimtab.variable.Embedding;
import io.trimtab.variable.FloatDomain;
import io.trimtab.variable.IntegerDomain;
import io.trimtab.variable.Scale;
import io.trimtab.variable.StringDomain;
import io.trimtab.variable.Tensor;
import io.trimtab.variable.Variable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Variables and values that have gone wrong in some backend or other. */
final class Samples {

  static final Variable<Double> TEMPERATURE = Variable.floating("temperature", 0.7, 0.0, 1.0);
  static final Variable<Long> TOKENS = Variable.integer("max_tokens", 256, 1, 8192);
  static final Variable<Long> COUNTER =
      Variable.of("counter", IntegerDomain.any(), 0L).describedAs("counts");

  /** One variable of each of the eight types. */
  static final List<Variable<?>> ALL_TYPES =
      List.of(
          Variable.floating("a_float", 0.5, 0.0, 1.0).describedAs("between 0 and 1"),
          Variable.of("an_integer", new IntegerDomain(0, 100, 10, Scale.LINEAR), 50),
          Variable.bool("a_boolean", true),
          Variable.of("a_string", new StringDomain(1, 20, "[a-z ]+", List.of()), "hello world"),
          Variable.choice("a_choice", "small", "medium", "large"),
          Variable.module("a_module", "Predict", "ChainOfThought", "ReAct"),
          Variable.embedding("an_embedding", 0.25f, -1.5f, 3f).withMetadata("unit", "none"),
          Variable.tensor("a_tensor", Tensor.ofDoubles(List.of(2, 2), 1, 0, 0, 1)));

  /** A value of each variable above that differs from its default. */
  static final Map<String, Object> OTHER_VALUES =
      Map.of(
          "a_float",
          0.25,
          "an_integer",
          70L,
          "a_boolean",
          false,
          "a_string",
          "good bye",
          "a_choice",
          "large",
          "a_module",
          "ReAct",
          "an_embedding",
          Embedding.of(1f, 2f, 3f),
          "a_tensor",
          Tensor.ofDoubles(List.of(2, 2), 0, 1, 1, 0));

  /** A value outside the domain of each variable above. */
  static final Map<String, Object> WRONG_VALUES =
      Map.of(
          "a_float",
          1.5,
          "an_integer",
          55,
          "a_boolean",
          1,
          "a_string",
          "UPPER",
          "a_choice",
          "huge",
          "a_module",
          "Nonsense",
          "an_embedding",
          new float[] {1f, 2f},
          "a_tensor",
          Tensor.ofDoubles(List.of(4), 1, 0, 0, 1));

  /** A variable that takes anything of its type, and a value it must give back bit for bit. */
  record Kept(Variable<?> variable, Object value) {}

  /** A variable that takes anything of its type, what is set, and what that becomes. */
  record Cast(Variable<?> variable, Object set, Object becomes) {}

  /** A variable and a value that no backend may accept. */
  record Refused(Variable<?> variable, Object value) {}

  private Samples() {}

  static Variable<Double> anyFloat() {
    return Variable.of(
        "any_float",
        new FloatDomain(
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            0,
            Scale.LINEAR,
            /* allowNonFinite= */ true),
        1.0);
  }

  static Variable<Double> finiteFloat() {
    return Variable.of("finite_float", FloatDomain.any(), 1.0);
  }

  static Variable<Long> anyInteger() {
    return Variable.of("any_integer", IntegerDomain.any(), 1L);
  }

  static Variable<String> anyString() {
    return Variable.string("any_string", "start");
  }

  static List<Kept> kept() {
    List<Kept> kept = new ArrayList<>();
    for (double value :
        new double[] {
          0.0,
          -0.0,
          Double.MIN_VALUE,
          -Double.MIN_VALUE,
          Double.MIN_NORMAL,
          Double.MAX_VALUE,
          -Double.MAX_VALUE,
          0.1 + 0.2,
          0x1p53,
          1e-300,
          Math.PI,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY
        }) {
      kept.add(new Kept(anyFloat(), value));
    }
    for (long value :
        new long[] {
          0, -1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, -(1L << 53) - 1, 1L << 31
        }) {
      kept.add(new Kept(anyInteger(), value));
    }
    for (String value :
        List.of(
            "",
            " ",
            "null",
            "NaN",
            "42",
            "line\nbreak\r\n\ttab",
            "quote \" and \\ and /",
            "\u0001\u001f\u007f",
            "e\u0301 is not \u00e9",
            "\u05d0\u05d1 right to left \u202e",
            "\ud83d\ude00 beyond the plane \udbff\udfff",
            "\ufeffbom \ufffd \uffff",
            "x".repeat(100_000))) {
      kept.add(new Kept(anyString(), value));
    }
    float[] thousand = new float[1000];
    for (int i = 0; i < thousand.length; i++) {
      thousand[i] = (float) Math.sin(i);
    }
    thousand[0] = -0.0f;
    thousand[1] = Float.MIN_VALUE;
    thousand[2] = Float.MAX_VALUE;
    kept.add(new Kept(Variable.embedding("an_embedding", new float[1000]), Embedding.of(thousand)));
    kept.add(tensor(Tensor.ofFloats(List.of(2), Float.NaN, -0.0f)));
    kept.add(tensor(Tensor.ofDoubles(List.of(), Double.NEGATIVE_INFINITY)));
    kept.add(tensor(Tensor.ofInts(List.of(1, 2, 2), Integer.MIN_VALUE, -1, 0, 7)));
    kept.add(tensor(Tensor.ofLongs(List.of(2), Long.MIN_VALUE, Long.MAX_VALUE)));
    kept.add(tensor(Tensor.of(ElementType.INT64, List.of(3, 0), new byte[0])));
    return kept;
  }

  private static Kept tensor(Tensor value) {
    return new Kept(
        Variable.of(
            "any_tensor", io.trimtab.variable.TensorDomain.any(), Tensor.ofInts(List.of(1), 1)),
        value);
  }

  static List<Cast> casts() {
    return List.of(
        new Cast(anyInteger(), 42, 42L),
        new Cast(anyInteger(), (short) 42, 42L),
        new Cast(anyInteger(), 42.0, 42L),
        new Cast(anyInteger(), 42f, 42L),
        new Cast(anyInteger(), -0.0, 0L),
        new Cast(anyInteger(), BigInteger.valueOf(Long.MAX_VALUE), Long.MAX_VALUE),
        new Cast(anyInteger(), new BigDecimal("4.2E1"), 42L),
        new Cast(anyInteger(), new AtomicLong(42), 42L),
        new Cast(finiteFloat(), 42, 42.0),
        new Cast(finiteFloat(), 1L << 53, 0x1p53),
        new Cast(finiteFloat(), 0.5f, 0.5),
        new Cast(finiteFloat(), new BigDecimal("0.1"), 0.1));
  }

  static List<Refused> refused() {
    return List.of(
        new Refused(anyInteger(), 3.14),
        new Refused(anyInteger(), "42"),
        new Refused(anyInteger(), true),
        new Refused(anyInteger(), 0x1p63),
        new Refused(anyInteger(), Double.NaN),
        new Refused(anyInteger(), BigInteger.ONE.shiftLeft(63)),
        new Refused(finiteFloat(), Double.NaN),
        new Refused(finiteFloat(), Double.POSITIVE_INFINITY),
        new Refused(finiteFloat(), Double.NEGATIVE_INFINITY),
        new Refused(finiteFloat(), (1L << 53) + 1),
        new Refused(finiteFloat(), "0.5"),
        new Refused(anyString(), 42),
        new Refused(anyString(), "zero \0 byte"),
        new Refused(anyString(), "lone \ud800 surrogate"),
        new Refused(anyString(), "\udc00\ud800"),
        new Refused(Variable.bool("a_boolean", true), 1),
        new Refused(Variable.bool("a_boolean", true), "true"),
        new Refused(Variable.embedding("an_embedding", 1f), new float[] {Float.NaN}),
        new Refused(Variable.embedding("an_embedding", 1f), List.of(1e300)),
        new Refused(Variable.embedding("an_embedding", 1f), List.of("1")));
  }

  /** Returns what must be equal before and after an import, or around a refused write. */
  static StateExport essence(StateProvider provider) {
    return essence(provider.exportState());
  }

  /** Drops what names the exporter and the time of the export. */
  static StateExport essence(StateExport export) {
    return new StateExport(
        "any",
        export.revision(),
        Instant.EPOCH,
        export.variables(),
        export.documents(),
        export.leases(),
        export.dependencies(),
        export.retiredVersions(),
        Map.of());
  }
}
