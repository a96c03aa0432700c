package io.trimtab.study;

import io.trimtab.state.Batch;
import io.trimtab.state.StateDocument;
import io.trimtab.state.StateProvider;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.WriteContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Keeps studies as documents of a state provider. */
final class StateStorage implements StudyStorage {

  private static final int LONGEST_NAME = StateDocument.MAX_KEY_LENGTH - 32;

  private final StateProvider provider;

  StateStorage(StateProvider provider) {
    this.provider = provider;
  }

  @Override
  public StudyLog open(String study) {
    if (study.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the name of a study kept in a provider has at most %d characters, got %d"
              .formatted(LONGEST_NAME, study.length()));
    }
    return new Log(provider, "study/" + study + "/");
  }

  @Override
  public String toString() {
    return "session " + provider.sessionId();
  }

  private static final class Log implements StudyLog {
    /*
     * The log is cut into documents study/<name>/000000, 000001, … of whole lines. A line is added by putting the last document
     * with the version it had when it was read: if somebody else was faster, the put is refused and nothing happens. Once a
     * document has grown beyond SEGMENT characters, the next line begins the next one, which must not exist yet. Both are
     * compare-and-set on one document, so all writers agree on one order. An append rewrites at most SEGMENT characters.
     */

    private static final int SEGMENT = 32 << 10;

    private final StateProvider provider;
    private final String prefix;
    private int segment;
    private String content = "";
    private long version;

    Log(StateProvider provider, String prefix) {
      this.provider = provider;
      this.prefix = prefix;
    }

    @Override
    public List<String> read() {
      List<String> lines = new ArrayList<>();
      StateDocument document = provider.findDocument(key());
      while (document != null) {
        if (document.version() != version) {
          document
              .content()
              .substring(content.length())
              .lines()
              .filter(line -> !line.isEmpty())
              .forEach(lines::add);
          content = document.content();
          version = document.version();
        }
        document = isFull() ? provider.findDocument(nextKey()) : null;
      }
      return lines;
    }

    private boolean isFull() {
      return content.length() >= SEGMENT;
    }

    private String key() {
      return prefix + String.format(Locale.ROOT, "%06d", segment);
    }

    private String nextKey() {
      segment++;
      content = "";
      version = 0;
      return key();
    }

    @Override
    public boolean append(String line) {
      if (isFull()) {
        nextKey();
      }
      String longer = content + line + "\n";
      Batch batch =
          Batch.builder()
              .putDocument(key(), longer, version)
              .context(WriteContext.JVM.from("study"))
              .build();
      try {
        StateDocument written = provider.commit(batch).documents().get(key());
        if (written == null) {
          throw new AssertionError("commit() returns every document it put, missing " + key());
        }
        content = longer;
        version = written.version();
        return true;
      } catch (VersionConflictException e) {
        return false; // somebody else was faster
      }
    }

    @Override
    public boolean exclusive() {
      return false;
    }

    @Override
    public void close() {
      // the provider is its owner's to close
    }
  }
}
