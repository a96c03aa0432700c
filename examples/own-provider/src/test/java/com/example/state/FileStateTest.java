package com.example.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.tck.AtomicBatchContract;
import io.trimtab.tck.ConcurrencyContract;
import io.trimtab.tck.DependencyContract;
import io.trimtab.tck.ExportContract;
import io.trimtab.tck.LeaseContract;
import io.trimtab.tck.PersistenceContract;
import io.trimtab.tck.StateProviderContract;
import io.trimtab.tck.WatchContract;
import io.trimtab.variable.Variable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// tag::kit[]
/** The data sheet of {@link FileState}: each interface is a promise, and the kit tests it. */
class FileStateTest
    implements StateProviderContract,
        AtomicBatchContract,
        WatchContract,
        LeaseContract,
        DependencyContract,
        ExportContract,
        ConcurrencyContract,
        PersistenceContract {

  @TempDir Path folder;
  private final Map<StateProvider, Path> paths = new HashMap<>();

  @Override
  public StateProvider open() {
    return open(null);
  }

  @Override
  public StateProvider open(StateExport initial) {
    Path path = folder.resolve("state-" + paths.size() + ".json");
    StateProvider provider = FileState.open(path, "kit-" + paths.size(), initial);
    paths.put(provider, path);
    return provider;
  }

  @Override
  public StateProvider reopen(StateProvider closed) {
    return FileState.open(paths.get(closed), "ignored: the file knows");
  }

  @Override
  public int effort() {
    return 40; // every write waits for the disk
  }

  // end::kit[]

  @Test
  void open_fileInUse_isRefused() {
    Path path = folder.resolve("shared.json");
    try (StateProvider first = FileState.open(path, "s")) {
      assertThatThrownBy(() -> FileState.open(path, "s"))
          .isInstanceOf(StateUnavailableException.class)
          .hasMessageContaining("held by another provider");
    }
    FileState.open(path, "s").close();
  }

  @Test
  void write_folderGone_failsAndSoDoesEveryLaterWrite() throws Exception {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    try (StateProvider provider = FileState.open(gone.resolve("state.json"), "s")) {
      provider.register(Variable.bool("flag", false));
      Files.delete(gone.resolve("state.json"));
      Files.delete(gone.resolve("state.json.lock"));
      Files.delete(gone);

      assertThatThrownBy(() -> provider.set("flag", true))
          .isInstanceOfSatisfying(
              StateUnavailableException.class, e -> assertThat(e.applied()).isTrue());
      assertThatThrownBy(() -> provider.set("flag", false))
          .isInstanceOfSatisfying(
              StateUnavailableException.class, e -> assertThat(e.applied()).isFalse());
    }
  }
}
