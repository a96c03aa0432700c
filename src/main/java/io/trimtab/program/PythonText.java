package io.trimtab.program;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain values the way Python's {@code str} and {@code json.dumps} do. */
final class PythonText {

  private PythonText() {}

  /** Returns what Python's {@code str(value)} gives for a scalar, and JSON for lists and maps. */
  static String of(@Nullable Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (value instanceof Double number) {
      return number(number);
    }
    if (value instanceof List || value instanceof Map) {
      return json(value);
    }
    return value.toString();
  }

  /** Returns Python's {@code repr} of a float: the shortest digits that read back the same. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return (long) value + ".0";
    }
    return shortest(value);
  }

  private static String shortest(double value) {
    /*
     * Double.toString before JDK 19 sometimes gives a digit too many. Up to 15 digits its answer is the shortest
     * nevertheless, because decimals of 15 digits differ as normal doubles. Beyond that, and for subnormal numbers,
     * the exact value is rounded to more and more digits until it reads back the same.
     */
    double size = Math.abs(value);
    BigDecimal digits = new BigDecimal(Double.toString(size)).stripTrailingZeros();
    boolean normal = size >= Double.MIN_NORMAL;
    if (!normal || digits.precision() > 15) {
      BigDecimal exact = new BigDecimal(size);
      for (int precision = normal ? 15 : 1; precision <= 17; precision++) {
        digits = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
        if (digits.doubleValue() == size) {
          break;
        }
      }
    }
    return (value < 0 ? "-" : "") + layout(digits.stripTrailingZeros());
  }

  private static String layout(BigDecimal value) {
    String digits = value.unscaledValue().toString();
    int exponent = digits.length() - 1 - value.scale();
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      return "%s%se%s%02d"
          .formatted(
              digits.substring(0, 1), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    String plain = value.toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  /** Returns what {@code json.dumps(value, ensure_ascii=False)} gives. */
  static String json(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    json(out, value, /* indent= */ -1);
    return out.toString();
  }

  /** Returns what {@code json.dumps(value, ensure_ascii=False, indent=2)} gives. */
  static String prettyJson(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    json(out, value, /* indent= */ 0);
    return out.toString();
  }

  private static void json(StringBuilder out, @Nullable Object value, int indent) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Double number) {
      out.append(jsonNumber(number));
    } else if (value instanceof Number) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      jsonObject(out, map, indent);
    } else if (value instanceof List<?> list) {
      jsonArray(out, list, indent);
    } else {
      quote(out, value.toString());
    }
  }

  private static String jsonNumber(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    return Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : number(number);
  }

  private static void jsonObject(StringBuilder out, Map<?, ?> map, int indent) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      newline(out, indent, 1);
      quote(out, String.valueOf(entry.getKey()));
      out.append(": ");
      json(out, entry.getValue(), indent < 0 ? -1 : indent + 1);
      separator = indent < 0 ? ", " : ",";
    }
    newline(out, indent, 0);
    out.append('}');
  }

  private static void jsonArray(StringBuilder out, List<?> list, int indent) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    String separator = "";
    for (Object item : list) {
      out.append(separator);
      newline(out, indent, 1);
      json(out, item, indent < 0 ? -1 : indent + 1);
      separator = indent < 0 ? ", " : ",";
    }
    newline(out, indent, 0);
    out.append(']');
  }

  private static void newline(StringBuilder out, int indent, int deeper) {
    if (indent >= 0) {
      out.append('\n').append("  ".repeat(indent + deeper));
    }
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** Returns a literal's option: texts in single quotes unless only those occur inside. */
  static String literal(Object option) {
    if (!(option instanceof String text)) {
      return of(option);
    }
    boolean single = text.contains("'");
    boolean twofold = text.contains("\"");
    if (single && !twofold) {
      return '"' + text + '"';
    }
    return "'" + (single ? text.replace("'", "\\'") : text) + "'";
  }
}
