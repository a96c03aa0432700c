package io.trimtab.openai;

import org.jspecify.annotations.Nullable;

/** Text that mostly comes in one piece, and is then not copied. */
final class Text {

  private String first = "";
  private @Nullable StringBuilder joined;

  void add(String piece) {
    if (joined != null) {
      joined.append(piece);
    } else if (first.isEmpty()) {
      first = piece;
    } else {
      joined = new StringBuilder(2 * (first.length() + piece.length())).append(first).append(piece);
    }
  }

  boolean isEmpty() {
    return first.isEmpty();
  }

  @Override
  public String toString() {
    return joined == null ? first : joined.toString();
  }
}
