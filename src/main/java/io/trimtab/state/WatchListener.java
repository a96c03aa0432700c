package io.trimtab.state;

/** Told of changes to variables, one change set at a time, in revision order. */
@FunctionalInterface
public interface WatchListener {

  /**
   * Takes notice of changes. What it throws is logged and harms neither the watch nor anyone else.
   *
   * @param changes what one commit, or several conflated ones, did to the watched variables
   */
  void onChange(ChangeSet changes);
}
