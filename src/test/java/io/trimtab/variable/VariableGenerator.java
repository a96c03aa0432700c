package io.trimtab.variable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Makes random sound definitions of every type, edge values included, from a seed. */
final class VariableGenerator {

  private static final double[] EDGES = {
    0.0, -0.0, 1.0, Double.MIN_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE, 0.1, 1e-5, 0x1p53, 1e21
  };
  private static final String[] PIECES = {
    "a",
    "Z",
    " ",
    "\"",
    "\\",
    "\n",
    "\u0001",
    "\u00e9",
    "e\u0301",
    "\ud83d\ude00",
    "\u2028",
    "</",
    "\ufeff",
    "\uffff",
    "null"
  };

  private final SplittableRandom random;

  VariableGenerator(long seed) {
    this.random = new SplittableRandom(seed);
  }

  Variable<?> next() {
    String name = "n" + random.nextInt(1_000_000);
    VariableType[] types = VariableType.values();
    Variable<?> variable =
        switch (types[random.nextInt(types.length)]) {
          case FLOAT -> floating(name);
          case INTEGER -> integer(name);
          case BOOLEAN -> Variable.bool(name, random.nextBoolean());
          case STRING -> string(name);
          case CHOICE -> choice(name);
          case MODULE -> module(name);
          case EMBEDDING -> embedding(name);
          case TENSOR -> tensor(name);
        };
    if (random.nextBoolean()) {
      variable = variable.describedAs(text());
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      variable = variable.withMetadata("k" + text(), text());
    }
    return variable;
  }

  private double number() {
    return switch (random.nextInt(3)) {
      case 0 -> EDGES[random.nextInt(EDGES.length)];
      case 1 -> (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-300, 300));
      default -> random.nextInt(-100, 100);
    };
  }

  private Variable<Double> floating(String name) {
    double a = number();
    double b = number();
    double min = Math.min(a, b);
    double max = Math.max(a, b);
    return switch (random.nextInt(5)) {
      case 0 -> Variable.of(name, FloatDomain.any(), a);
      case 1 ->
          Variable.of(
              name,
              new FloatDomain(
                  Double.NEGATIVE_INFINITY, max, 0, Scale.LINEAR, /* allowNonFinite= */ true),
              random.nextBoolean() ? Double.NaN : Double.NEGATIVE_INFINITY);
      case 2 -> {
        double low = Math.max(Math.abs(a), Double.MIN_VALUE);
        double high = Math.max(low, Math.abs(b));
        yield Variable.of(name, new FloatDomain(low, high, 0, Scale.LOG, false), low);
      }
      case 3 ->
          Variable.of(name, new FloatDomain(a, a + 10 + Math.abs(a), 0.5, Scale.LINEAR, false), a);
      default -> Variable.of(name, FloatDomain.between(min, max), random.nextBoolean() ? min : max);
    };
  }

  private Variable<Long> integer(String name) {
    long a = random.nextInt(3) == 0 ? Long.MIN_VALUE : random.nextLong();
    long b = random.nextInt(3) == 0 ? Long.MAX_VALUE : random.nextLong();
    long min = Math.min(a, b);
    long max = Math.max(a, b);
    if (random.nextInt(3) == 0) {
      long low = 1 + random.nextInt(100);
      return Variable.of(name, new IntegerDomain(low, low + 50, 1, Scale.LOG), low + 1);
    }
    long step = max - min == 0 ? 1 : 1 + random.nextInt(1000);
    step = Long.compareUnsigned(step, max - min) > 0 ? 1 : step;
    return Variable.of(
        name, new IntegerDomain(min, max, step, Scale.LINEAR), min + step * random.nextInt(2));
  }

  private Variable<String> string(String name) {
    if (random.nextInt(4) == 0) {
      return Variable.of(
          name, new StringDomain(1, 30, "[a-z]*|x{2,3}", List.of("xx", "abc")), "xx");
    }
    String text = text();
    int length = text.codePointCount(0, text.length());
    return Variable.of(
        name,
        new StringDomain(random.nextInt(length + 1), length + random.nextInt(100), null, List.of()),
        text);
  }

  private Variable<String> choice(String name) {
    Set<String> options = new LinkedHashSet<>();
    while (options.size() < 1 + random.nextInt(5)) {
      options.add(text() + options.size());
    }
    List<Double> weights = new ArrayList<>();
    if (random.nextBoolean()) {
      options.forEach(option -> weights.add(Math.pow(10, random.nextInt(-30, 30))));
    }
    List<String> list = List.copyOf(options);
    return Variable.of(
        name,
        new ChoiceDomain(list, weights, random.nextBoolean()),
        list.get(random.nextInt(list.size())));
  }

  private Variable<String> module(String name) {
    return random.nextBoolean()
        ? Variable.of(name, ModuleDomain.of(), "Some.Module_" + random.nextInt(9))
        : Variable.module(name, "Predict", "ReAct");
  }

  private Variable<Embedding> embedding(String name) {
    float[] values = new float[1 + random.nextInt(6)];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
      values[i] = Float.isFinite(values[i]) ? values[i] : -0f;
    }
    int dimensions = random.nextBoolean() ? 0 : values.length;
    return Variable.of(name, EmbeddingDomain.of(dimensions), values);
  }

  private Variable<Tensor> tensor(String name) {
    ElementType type = ElementType.values()[random.nextInt(ElementType.values().length)];
    List<Integer> shape = new ArrayList<>();
    int size = type.bytes();
    for (int i = random.nextInt(4); i > 0; i--) {
      int extent = random.nextInt(4);
      shape.add(extent);
      size *= extent;
    }
    byte[] data = new byte[size];
    random.nextBytes(data);
    TensorDomain domain = random.nextBoolean() ? TensorDomain.any() : new TensorDomain(type, shape);
    return Variable.of(name, domain, Tensor.of(type, shape, data));
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }
}
