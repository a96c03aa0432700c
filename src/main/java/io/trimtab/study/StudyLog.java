package io.trimtab.study;

import java.util.List;

/**
 * The log of one study, as one reader and writer sees it: lines of text that are only ever added.
 *
 * <p><b>Order.</b> All readers see the same lines in the same order. <b>Whole.</b> A line is there
 * entirely or not at all, also after a crash. <b>Not blind.</b> A line is only added by who has
 * read all before it.
 *
 * <p>Used by one thread at a time.
 */
public interface StudyLog extends AutoCloseable {

  /**
   * Returns the lines that were added since this log was last read or written to by this object.
   *
   * @return the lines in order, from the first line on the first time; none of them empty
   * @throws StudyStorageException if they cannot be read
   */
  List<String> read();

  /**
   * Adds a line after all that this object has read and written.
   *
   * @param line text without line breaks
   * @return false if somebody else has added a line that was not read yet; nothing is written then
   * @throws StudyStorageException if it cannot be written; nothing is written then
   */
  boolean append(String line);

  /**
   * Tells whether nobody else can have it open at the same time, so that trials that are running
   * when it is opened cannot be running any more.
   *
   * @return whether it belongs to this object alone
   */
  boolean exclusive();

  /** Gives the log back; closing it again does nothing. */
  @Override
  void close();
}
