package io.trimtab.program;

import io.trimtab.program.FieldType.DictOf;
import io.trimtab.program.FieldType.Enumeration;
import io.trimtab.program.FieldType.ListOf;
import io.trimtab.program.FieldType.Literal;
import io.trimtab.program.FieldType.Simple;
import io.trimtab.program.FieldType.Structure;
import io.trimtab.program.FieldType.Union;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what a model wrote into a value of a field's type. */
final class ValueReader {
  /*
   * The rules are DSPy's parse_value with Pydantic's lax mode: text fields keep the text, literals and enumerations
   * are matched as text, everything else is read as JSON with good will and then converted ("3" to 3, "yes" to true).
   * One rule is more forgiving: a number or boolean where an inner text is expected becomes that text.
   */

  private static final Set<String> YES = Set.of("true", "t", "yes", "y", "on", "1");
  private static final Set<String> NO = Set.of("false", "f", "no", "n", "off", "0");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern WRAPPED = Pattern.compile("(?:Literal|str)\\[(.*)]", Pattern.DOTALL);

  /** Says that a value is not of the type; the message names the expectation. */
  static final class Mismatch extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String expected;

    Mismatch(String expected, @Nullable Object actual) {
      super("expected %s, got %s".formatted(expected, shown(actual)));
      this.expected = expected;
    }

    String expected() {
      return expected;
    }

    private static String shown(@Nullable Object value) {
      String text = value instanceof String s ? '"' + s + '"' : PythonText.of(value);
      return text.length() <= 120 ? text : text.substring(0, 117) + "...";
    }
  }

  private ValueReader() {}

  /** Reads the text of a whole field. */
  static @Nullable Object read(FieldType type, String raw) {
    if (type == Simple.STR) {
      return raw;
    }
    if (type instanceof Literal literal) {
      return option(literal, raw);
    }
    if (type instanceof Enumeration enumeration) {
      return constant(enumeration, raw.strip());
    }
    if (type instanceof Union union && union.members().contains(Simple.STR)) {
      return textOrNull(union, raw);
    }
    LenientJson.Parsed parsed = LenientJson.parse(raw);
    return coerce(type, parsed == null ? raw : parsed.value());
  }

  private static @Nullable Object textOrNull(Union union, String raw) {
    LenientJson.Parsed parsed = LenientJson.parse(raw);
    boolean none = raw.isBlank() || (parsed != null && parsed.value() == null);
    if (none && union.nullable()) {
      return null;
    }
    return parsed == null || parsed.value() instanceof String || onlyText(union)
        ? raw
        : coerce(union, parsed.value());
  }

  private static boolean onlyText(Union union) {
    return union.members().stream().allMatch(m -> m == Simple.STR || m == Simple.NONE);
  }

  /** Converts a parsed value. */
  static @Nullable Object coerce(FieldType type, @Nullable Object value) {
    if (type instanceof Simple simple) {
      return simple(simple, value);
    }
    if (type instanceof ListOf list) {
      return list(list, value);
    }
    if (type instanceof DictOf dict) {
      return dict(dict, value);
    }
    if (type instanceof Literal literal) {
      return literal.options().contains(value) ? value : option(literal, PythonText.of(value));
    }
    if (type instanceof Enumeration enumeration) {
      return constant(enumeration, PythonText.of(value));
    }
    if (type instanceof Union union) {
      return union(union, value);
    }
    return structure((Structure) type, value);
  }

  private static @Nullable Object simple(Simple type, @Nullable Object value) {
    return switch (type) {
      case STR -> text(value);
      case INT -> integer(value);
      case FLOAT -> decimal(value);
      case BOOL -> bool(value);
      case NONE -> none(value);
      case ANY -> value;
      case LIST -> list(new ListOf(Simple.ANY), value);
      case DICT -> dict(new DictOf(Simple.ANY), value);
    };
  }

  private static String text(@Nullable Object value) {
    if (value == null) {
      throw new Mismatch("str", null);
    }
    return PythonText.of(value);
  }

  private static Long integer(@Nullable Object value) {
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) < 0x1p63) {
      return number.longValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (value instanceof String text) {
      String digits = text.strip().replace("_", "");
      try {
        return Long.valueOf(digits);
      } catch (NumberFormatException e) {
        if (digits.matches("[+-]?\\d+\\.0+")) {
          return integer(Double.valueOf(digits));
        }
      }
    }
    throw new Mismatch("int", value);
  }

  private static Double decimal(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1.0 : 0.0;
    }
    if (value instanceof String text) {
      return decimal(text.strip());
    }
    throw new Mismatch("float", value);
  }

  private static Double decimal(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> digits(text);
    };
  }

  private static Double digits(String text) {
    // Double.valueOf would also take "1f" and hexadecimal.
    if (!DECIMAL.matcher(text).matches()) {
      throw new Mismatch("float", text);
    }
    return Double.valueOf(text);
  }

  private static Boolean bool(@Nullable Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    String word =
        value instanceof Double number && number == Math.rint(number)
            ? Long.toString(number.longValue())
            : PythonText.of(value).strip().toLowerCase(Locale.ROOT);
    if (YES.contains(word)) {
      return true;
    }
    if (NO.contains(word)) {
      return false;
    }
    throw new Mismatch("bool", value);
  }

  private static @Nullable Object none(@Nullable Object value) {
    if (value != null) {
      throw new Mismatch("null", value);
    }
    return null;
  }

  private static List<@Nullable Object> list(ListOf type, @Nullable Object value) {
    if (!(value instanceof List<?> items)) {
      throw new Mismatch(type.python(), value);
    }
    List<@Nullable Object> list = new ArrayList<>();
    for (Object item : items) {
      list.add(inside("[" + list.size() + "]", type.element(), item));
    }
    return Collections.unmodifiableList(list);
  }

  private static Map<String, @Nullable Object> dict(DictOf type, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> entries)) {
      throw new Mismatch(type.python(), value);
    }
    Map<String, @Nullable Object> dict = new LinkedHashMap<>();
    entries.forEach(
        (key, item) -> dict.put(PythonText.of(key), inside("." + key, type.value(), item)));
    return Collections.unmodifiableMap(dict);
  }

  private static @Nullable Object inside(String where, FieldType type, @Nullable Object value) {
    try {
      return coerce(type, value);
    } catch (Mismatch e) {
      throw new Mismatch(type.python() + " at " + where, value);
    }
  }

  private static Map<String, @Nullable Object> structure(Structure type, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> entries)) {
      throw new Mismatch("an object of " + type.name(), value);
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (Field field : type.fields()) {
      boolean present = entries.containsKey(field.name());
      if (!present && !field.optional()) {
        throw new Mismatch(type.name() + " with a member " + field.name(), value);
      }
      members.put(
          field.name(), present ? field.coerce(entries.get(field.name())) : field.defaultValue());
    }
    return Collections.unmodifiableMap(members);
  }

  private static @Nullable Object union(Union type, @Nullable Object value) {
    for (FieldType member : type.members()) {
      if (exactly(member, value)) {
        return coerce(member, value);
      }
    }
    for (FieldType member : type.members()) {
      try {
        return coerce(member, value);
      } catch (Mismatch e) {
        // the next member may take it
      }
    }
    throw new Mismatch(type.python(), value);
  }

  /** Tells whether a value is of a member's own kind, so that 3 of Union[float, int] stays 3. */
  private static boolean exactly(FieldType type, @Nullable Object value) {
    if (type instanceof Simple simple) {
      return switch (simple) {
        case STR -> value instanceof String;
        case INT -> value instanceof Long;
        case FLOAT -> value instanceof Double;
        case BOOL -> value instanceof Boolean;
        case NONE -> value == null;
        case ANY, LIST, DICT -> false;
      };
    }
    return type instanceof Literal literal && literal.options().contains(value);
  }

  private static Object option(Literal type, String raw) {
    for (Object option : type.options()) {
      if (PythonText.of(option).equals(raw)) {
        return option;
      }
    }
    String bare = unwrapped(raw.strip());
    for (Object option : type.options()) {
      if (PythonText.of(option).equals(bare)) {
        return option;
      }
    }
    throw new Mismatch("one of " + type.options(), raw);
  }

  private static String unwrapped(String text) {
    Matcher wrapped = WRAPPED.matcher(text);
    String inner = wrapped.matches() ? wrapped.group(1) : text;
    boolean quoted =
        inner.length() > 1
            && (inner.startsWith("'") || inner.startsWith("\""))
            && inner.charAt(0) == inner.charAt(inner.length() - 1);
    return quoted ? inner.substring(1, inner.length() - 1) : inner;
  }

  private static String constant(Enumeration type, String word) {
    if (type.constants().containsValue(word)) {
      return word;
    }
    String byName = type.constants().get(word);
    if (byName == null) {
      throw new Mismatch("one of " + type.constants().values(), word);
    }
    return byName;
  }
}
