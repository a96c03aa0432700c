package io.trimtab.lm;

/**
 * Hears what happens to calls, for logs, metrics and tests.
 *
 * <p>Runs on whatever thread the event happens on, in the middle of a call: it must be quick and
 * safe for use by many threads. What it throws is logged and otherwise ignored; it can never harm a
 * call.
 */
@FunctionalInterface
public interface LmListener {

  /**
   * Hears of one event.
   *
   * @param event what happened
   */
  void on(LmEvent event);
}
