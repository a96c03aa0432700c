package io.trimtab.program;

import io.trimtab.program.FieldType.DictOf;
import io.trimtab.program.FieldType.ListOf;
import io.trimtab.program.FieldType.Literal;
import io.trimtab.program.FieldType.Simple;
import io.trimtab.program.FieldType.Union;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code "question, context: list[str] -> answer"} and the Python types in it. */
final class SignatureParser {
  /*
   * Recursive descent over
   *   signature := fields "->" fields           fields := field ("," field)*
   *   field     := NAME (":" type)?             type   := member ("|" member)*
   *   member    := NAME ("[" arguments "]")?    NAME may carry a module prefix such as typing.
   * Nesting is bounded so that a hostile text ends in an error, not in a stack overflow.
   */

  private static final int MAX_DEPTH = 32;

  private final String text;
  private final Map<String, FieldType> named;
  private int at;
  private int depth;

  private SignatureParser(String text, Map<String, FieldType> named) {
    this.text = text;
    this.named = named;
  }

  record Fields(List<Field> inputs, List<Field> outputs) {}

  static Fields signature(String text, Map<String, FieldType> named) {
    SignatureParser parser = new SignatureParser(text, named);
    Set<String> names = new HashSet<>();
    List<Field> inputs = parser.fields(names);
    parser.expect("->");
    List<Field> outputs = parser.fields(names);
    parser.end();
    return new Fields(inputs, outputs);
  }

  static FieldType type(String text) {
    SignatureParser parser = new SignatureParser(text, Map.of());
    FieldType type = parser.type();
    parser.end();
    return type;
  }

  private List<Field> fields(Set<String> names) {
    List<Field> fields = new ArrayList<>();
    do {
      skipSpace();
      int start = at;
      String name = word("a field name");
      if (!names.add(name)) {
        throw new SignatureException("field " + name + " appears twice", text, start);
      }
      fields.add(Field.of(name, accept(":") ? type() : Simple.STR));
    } while (accept(","));
    return fields;
  }

  private FieldType type() {
    if (++depth > MAX_DEPTH) {
      throw error("types nest deeper than " + MAX_DEPTH);
    }
    List<FieldType> members = new ArrayList<>();
    do {
      members.add(member());
    } while (accept("|"));
    depth--;
    return union(members);
  }

  private FieldType union(List<FieldType> members) {
    if (Set.copyOf(members).size() == 1) {
      return members.get(0);
    }
    return new Union(members);
  }

  private FieldType member() {
    skipSpace();
    int start = at;
    String name = word("a type");
    while (accept(".")) {
      name = word("a type");
    }
    boolean arguments = accept("[");
    FieldType type = arguments ? generic(name, start) : simple(name, start);
    if (arguments) {
      expect("]");
    }
    return type;
  }

  private FieldType simple(String name, int start) {
    FieldType custom = named.get(name);
    if (custom != null) {
      return custom;
    }
    return switch (name) {
      case "str", "string" -> Simple.STR;
      case "int" -> Simple.INT;
      case "float" -> Simple.FLOAT;
      case "bool" -> Simple.BOOL;
      case "None", "NoneType" -> Simple.NONE;
      case "Any" -> Simple.ANY;
      case "list", "List" -> Simple.LIST;
      case "dict", "Dict" -> Simple.DICT;
      case "Literal", "Optional", "Union" ->
          throw new SignatureException(name + " needs arguments in [ ]", text, start);
      default ->
          throw new SignatureException(
              "unknown type %s, expected str, int, float, bool, list[..], dict[str, ..], Literal[..],"
                      .formatted(name)
                  + " Optional[..], Union[..], Any or None",
              text,
              start);
    };
  }

  private FieldType generic(String name, int start) {
    return switch (name) {
      case "list", "List" -> new ListOf(type());
      case "dict", "Dict" -> dict();
      case "Optional" -> type().orNull();
      case "Union" -> union(types());
      case "Literal" -> new Literal(options());
      default -> throw new SignatureException("type " + name + " takes no arguments", text, start);
    };
  }

  private FieldType dict() {
    skipSpace();
    int start = at;
    if (type() != Simple.STR) {
      throw new SignatureException("the keys of a dict are str", text, start);
    }
    expect(",");
    return new DictOf(type());
  }

  private List<FieldType> types() {
    List<FieldType> types = new ArrayList<>();
    do {
      types.add(type());
    } while (accept(","));
    return types;
  }

  private List<Object> options() {
    List<Object> options = new ArrayList<>();
    do {
      skipSpace();
      int start = at;
      Object option = option();
      if (options.contains(option)) {
        throw new SignatureException("option " + option + " appears twice", text, start);
      }
      options.add(option);
    } while (accept(","));
    return options;
  }

  private Object option() {
    char first = at < text.length() ? text.charAt(at) : ' ';
    if (first == '\'' || first == '"') {
      return quoted(first);
    }
    if (first == '-' || Character.isDigit(first)) {
      return integer();
    }
    int start = at;
    String word = word("a quoted text, an integer, True or False");
    return switch (word) {
      case "True" -> true;
      case "False" -> false;
      default ->
          throw new SignatureException(
              "expected a quoted text, an integer, True or False, got " + word, text, start);
    };
  }

  private String quoted(char quote) {
    StringBuilder out = new StringBuilder();
    int start = at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == quote) {
        return out.toString();
      }
      out.append(c == '\\' && at < text.length() ? text.charAt(at++) : c);
    }
    throw new SignatureException("this quote is never closed", text, start);
  }

  private Long integer() {
    int start = at++;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    try {
      return Long.valueOf(text.substring(start, at));
    } catch (NumberFormatException e) {
      throw new SignatureException("expected an integer of 64 bits", text, start);
    }
  }

  private String word(String expected) {
    skipSpace();
    int start = at;
    while (at < text.length() && isWordPart(text.charAt(at))) {
      at++;
    }
    if (start == at || Character.isDigit(text.charAt(start))) {
      at = start;
      throw error("expected " + expected);
    }
    return text.substring(start, at);
  }

  private static boolean isWordPart(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private boolean accept(String token) {
    skipSpace();
    if (text.startsWith(token, at)) {
      at += token.length();
      return true;
    }
    return false;
  }

  private void expect(String token) {
    if (!accept(token)) {
      throw error("expected '" + token + "'");
    }
  }

  private void end() {
    skipSpace();
    if (at < text.length()) {
      throw error("expected the end");
    }
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private SignatureException error(String problem) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
    return new SignatureException(problem + ", got " + found, text, at);
  }
}
