package io.trimtab.study;

import io.trimtab.state.Batch;
import io.trimtab.state.Commit;
import io.trimtab.state.StateDocument;
import io.trimtab.state.VersionConflictException;
import io.trimtab.state.WriteContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps studies as documents of a state provider or a session. */
final class StateStorage implements StudyStorage {

  private static final int LONGEST_NAME = StateDocument.MAX_KEY_LENGTH - 32;

  private final String name;
  private final Documents documents;
  private final Function<Batch, Commit> commits;

  /** How a document is looked up; null if there is none. */
  interface Documents {
    @Nullable StateDocument find(String key);
  }

  StateStorage(String name, Documents documents, Function<Batch, Commit> commits) {
    this.name = name;
    this.documents = documents;
    this.commits = commits;
  }

  @Override
  public StudyLog open(String study) {
    if (study.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the name of a study kept in a provider has at most %d characters, got %d"
              .formatted(LONGEST_NAME, study.length()));
    }
    return new Log(this, "study/" + study + "/");
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Log implements StudyLog {
    /*
     * The log is cut into documents study/<name>/000000, 000001, … of whole lines. A line is added by putting the last document
     * with the version it had when it was read: if somebody else was faster, the put is refused and nothing happens. Once a
     * document has grown beyond SEGMENT characters, the next line begins the next one, which must not exist yet. Both are
     * compare-and-set on one document, so all writers agree on one order. An append rewrites at most SEGMENT characters.
     */

    private static final int SEGMENT = 32 << 10;

    private final StateStorage storage;
    private final String prefix;
    private int segment;
    private String content = "";
    private long version;

    Log(StateStorage storage, String prefix) {
      this.storage = storage;
      this.prefix = prefix;
    }

    @Override
    public List<String> read() {
      List<String> lines = new ArrayList<>();
      StateDocument document = find();
      while (document != null) {
        if (document.version() != version) {
          added(document).lines().filter(line -> !line.isEmpty()).forEach(lines::add);
          content = document.content();
          version = document.version();
        }
        if (!isFull()) {
          return lines;
        }
        next();
        document = find();
      }
      return lines;
    }

    private @Nullable StateDocument find() {
      StateDocument document = storage.documents.find(key());
      if (document == null && version > 0) {
        throw new StudyStorageException(key(), "was deleted while the study was in use", null);
      }
      return document;
    }

    private String added(StateDocument document) {
      if (!document.content().startsWith(content)) {
        throw new StudyStorageException(key(), "was replaced while the study was in use", null);
      }
      return document.content().substring(content.length());
    }

    private boolean isFull() {
      return content.length() >= SEGMENT;
    }

    private String key() {
      return prefix + String.format(Locale.ROOT, "%06d", segment);
    }

    private void next() {
      segment++;
      content = "";
      version = 0;
    }

    @Override
    public boolean append(String line) {
      if (isFull()) {
        next();
      }
      String longer = content + line + "\n";
      Batch batch =
          Batch.builder()
              .putDocument(key(), longer, version)
              .context(WriteContext.JVM.from("study"))
              .build();
      try {
        StateDocument written = storage.commits.apply(batch).documents().get(key());
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
