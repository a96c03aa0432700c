package io.trimtab.session;

import io.trimtab.state.StateExport;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes and reads exported states as files that are complete or absent. */
final class StateFile {

  private StateFile() {}

  static void write(StateExport export, Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    Path name = absolute.getFileName();
    if (folder == null || name == null) {
      throw new IOException("expected a file to write, got " + file);
    }
    Path half = Files.createTempFile(folder, name + ".", ".part");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(half))) {
        export.writeTo(out);
      }
      try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
        channel.force(/* metaData= */ true); // or a crash could leave the new name with no content
      }
      replace(half, absolute);
    } finally {
      Files.deleteIfExists(half);
    }
  }

  private static void replace(Path half, Path file) throws IOException {
    try {
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  static StateExport read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return StateExport.readFrom(in);
    }
  }
}
