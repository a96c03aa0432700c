package com.example.state;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Opens a file per session in one folder, so that a session can move there while it is in use. */
public final class FileStateFactory implements StateProviderFactory {

  private final Path folder;

  /**
   * Creates the factory.
   *
   * @param folder an existing folder
   */
  public FileStateFactory(Path folder) {
    this.folder = folder;
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public StateProvider open(String sessionId, StateExport initial) {
    String name = URLEncoder.encode(sessionId, StandardCharsets.UTF_8) + ".json";
    return FileState.open(folder.resolve(name), sessionId, initial);
  }
}
