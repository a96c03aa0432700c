package io.trimtab.study;

import io.trimtab.session.Session;
import io.trimtab.state.StateProvider;
import java.nio.file.Path;

/**
 * Where studies are kept, so that they survive a crash and can be shared.
 *
 * <pre>{@code
 * try (Study study = Study.of("triage", space).storage(StudyStorage.file(path)).build()) {
 *   study.run(objective, Budget.trials(100)); // goes on where a run before a crash has ended
 * }
 * }</pre>
 */
public interface StudyStorage {

  /**
   * Opens the log of a study, making an empty one if there is none.
   *
   * @param study the study's name
   * @return the log
   * @throws StudyStorageException if it cannot be read, or is in use and does not allow it
   */
  StudyLog open(String study);

  /**
   * Keeps one study in a file, for one process at a time.
   *
   * @param path the file; its folder is made if it does not exist
   * @return a storage that leaves it to the operating system when to write to the disk
   * @see StudyFile#synced
   */
  static StudyFile file(Path path) {
    return StudyFile.at(path);
  }

  /**
   * Keeps studies as documents beside the variables of a session's provider; several processes may
   * run one study together.
   *
   * @param provider the provider
   * @return a storage; it does not close the provider
   */
  static StudyStorage state(StateProvider provider) {
    return new StateStorage(
        "session " + provider.sessionId(), provider::findDocument, provider::commit);
  }

  /**
   * Keeps studies as documents beside the variables of a session, and moves with the session when
   * it is switched to another backend.
   *
   * @param session the session
   * @return a storage; it does not close the session
   */
  static StudyStorage session(Session session) {
    return new StateStorage("session " + session.id(), session::findDocument, session::commit);
  }
}
