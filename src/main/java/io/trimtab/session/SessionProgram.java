package io.trimtab.session;

/** A program as a session sees it: something that may need the session's state to be bridged. */
public interface SessionProgram {

  /**
   * Returns what the program is called.
   *
   * @return its name
   */
  String name();

  /**
   * Tells whether the program can only run while the session's state is kept by a sidecar.
   *
   * @return true for programs of another language
   */
  boolean requiresBridge();
}
