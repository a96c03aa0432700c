package io.trimtab.space.expression;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A rule between variables, written in a subset of the Common Expression Language and compiled:
 * {@code max_tokens <= 4096 || model != 'small'}.
 *
 * <p><b>Values.</b> Each declared variable has a slot, its place in the list of declarations. A
 * slot holds the canonical value of the declared type ({@link Long}, {@link Double}, {@link
 * Boolean}, {@link String}), or null when the variable is inactive. A value of another class is
 * misuse and ends in a {@link ClassCastException}.
 *
 * <p><b>Inactive variables.</b> To read one is an evaluation error; {@code has(x)} asks first.
 * Whoever holds the configuration decides what an error or an inactive variable means for a rule;
 * {@link #requiredSlots()} names the variables that a rule reads without ever asking for them.
 *
 * <p><b>Bounds.</b> A source has at most {@link #MAX_SOURCE_LENGTH} code points, nests at most
 * {@link #MAX_DEPTH} levels and makes at most {@link #MAX_NODES} nodes in a tree at most {@link
 * #MAX_HEIGHT} high. There are no loops and no regular expressions: evaluation costs at most one
 * step per node, and per character where strings are compared.
 *
 * <p><b>Threads.</b> Immutable, safe for use by many threads at once.
 */
public final class Expression {
  /*
   * Source -> tokens (Lexer) -> typed tree (Parser, TypeRules) -> folded tree (Folder) -> closures
   * over the slots (CodeGenerator) -> a class of its own once it is in much use (WarmingCode). The
   * closures are unboxed: one functional interface per type, so a comparison of two ints adds,
   * compares and branches on long without an allocation. The tree before folding is kept: it is
   * what people wrote.
   */

  /** The longest source, in code points. */
  public static final int MAX_SOURCE_LENGTH = 4_096;

  /** The deepest nesting of parentheses, arguments and else-branches. */
  public static final int MAX_DEPTH = 32;

  /** The largest number of nodes in the tree. */
  public static final int MAX_NODES = 2_000;

  /** The highest tree: operators that each wait for the result of another, as in a long sum. */
  public static final int MAX_HEIGHT = 256;

  /** Stands in a slot whose variable has no value yet; only {@link #evaluatePartial} knows it. */
  public static final Object UNASSIGNED =
      new Object() {
        @Override
        public String toString() {
          return "UNASSIGNED";
        }
      };

  private final String source;
  private final Node root;
  private final Mentions mentions;
  private final Map<Integer, Declaration> declarations = new TreeMap<>();
  private final BoolCode code;
  private @Nullable BoolCode hot; // does the same; stateless, so a thread may see it early or late
  private final PartialCode partialCode;

  private Expression(String source, Node root, Scope scope) {
    this.source = source;
    this.root = root;
    this.mentions = Mentions.in(root);
    mentions.names().keySet().forEach(slot -> declarations.put(slot, scope.at(slot)));
    Node folded = Folder.fold(root, source);
    this.code = new WarmingCode(new CodeGenerator(source).bool(folded), better -> hot = better);
    this.partialCode = new PartialCodeGenerator(source).partial(folded);
  }

  /**
   * Compiles a boolean expression over the declared variables.
   *
   * @param source the text
   * @param variables the variables it may mention; the place in the list is the slot
   * @return the compiled expression
   * @throws ExpressionException if the text is not a boolean expression over these variables, or
   *     exceeds a bound
   * @throws IllegalArgumentException if a name is declared twice
   */
  public static Expression compile(String source, List<Declaration> variables) {
    Objects.requireNonNull(source, "source");
    Scope scope = new Scope(variables);
    Node root = new Parser(source, scope).parse();
    return new Expression(source, root, scope);
  }

  /**
   * Returns how an expression mentions a variable: by its name or, where that would be taken for
   * something else, by its name in backquotes.
   *
   * @param name the name of a variable
   * @return text to put into the source of an expression
   */
  public static String mention(String name) {
    return Parser.plain(name) ? name : "`" + name + "`";
  }

  /**
   * Returns the text this was compiled from.
   *
   * @return the text, as given
   */
  public String source() {
    return source;
  }

  /**
   * Returns the names of all variables mentioned, inside or outside {@code has}.
   *
   * @return the declared names, in slot order
   */
  public List<String> variables() {
    return List.copyOf(mentions.names().values());
  }

  /**
   * Returns the slots of all variables mentioned, inside or outside {@code has}.
   *
   * @return the slots, ascending, in a fresh array
   */
  public int[] slots() {
    return slotsOf(new TreeMap<>(mentions.names()));
  }

  /**
   * Returns the slots that are read but never asked for with {@code has}. If one of them is
   * inactive the rule has nothing to say about the configuration.
   *
   * @return the slots, ascending, in a fresh array
   */
  public int[] requiredSlots() {
    TreeMap<Integer, String> required = new TreeMap<>(mentions.names());
    required.keySet().removeAll(mentions.asked());
    return slotsOf(required);
  }

  private static int[] slotsOf(Map<Integer, String> bySlot) {
    return bySlot.keySet().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Evaluates the expression.
   *
   * @param slots one value per declared variable, null where it is inactive; longer arrays are fine
   * @return the value
   * @throws EvaluationException if there is none: overflow, division by zero, an inactive variable
   *     read, each unless {@code &&}, {@code ||} or {@code ?:} make it irrelevant
   */
  public boolean evaluate(@Nullable Object[] slots) {
    BoolCode better = hot;
    return better == null ? code.test(slots) : better.test(slots);
  }

  /**
   * Says what is already certain when some slots hold {@link #UNASSIGNED}. An answer other than
   * {@link Outcome#UNKNOWN} holds for every completion; when no mentioned slot is unassigned, it is
   * never {@code UNKNOWN}.
   *
   * @param slots one value per declared variable, null where it is inactive, {@link #UNASSIGNED}
   *     where neither value nor activity is known
   * @return what is certain
   */
  public Outcome evaluatePartial(@Nullable Object[] slots) {
    return partialCode.test(slots);
  }

  /**
   * Returns the typed syntax tree, as written.
   *
   * @return the root, of type {@link ExpressionType#BOOL}
   */
  public Node root() {
    return root;
  }

  /**
   * Returns a boolean part of the tree, ready to be asked on its own.
   *
   * @param part a node of type {@link ExpressionType#BOOL} below {@link #root}, or the root
   * @return what {@link #evaluatePartial} does for the whole, for this part only
   */
  public Function<@Nullable Object[], Outcome> part(Node part) {
    return new PartialCodeGenerator(source).partial(part)::test;
  }

  /**
   * Returns the tree in the values of JSON, for readers in other languages: {@code {"var": "x"}},
   * {@code {"has": "x"}}, {@code {"int": 1}}, {@code {"double": 1.0}}, {@code {"bool": true}},
   * {@code {"string": "a"}}, {@code {"list": [...]}} or {@code {"call": "<=", "args": [...]}}.
   *
   * @return nested maps and lists, unmodifiable
   */
  public Map<String, Object> toTree() {
    return Trees.toTree(root);
  }

  /**
   * Compares the source and what its variables were declared to be, and so the whole tree.
   *
   * @param other anything
   * @return whether the other expression reads the same slots and always has the same value
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Expression that
        && source.equals(that.source)
        && declarations.equals(that.declarations);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  /** Returns the {@link #source()}. */
  @Override
  public String toString() {
    return source;
  }
}
