package com.example.state;

import io.trimtab.state.StateExport;
import io.trimtab.state.StateUnavailableException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that holds one exported state and is replaced as a whole: a crash leaves the old content
 * or the new one.
 */
final class StateFile implements AutoCloseable {

  private final Path path;
  private final FileChannel lockChannel;

  private StateFile(Path path, FileChannel lockChannel) {
    this.path = path;
    this.lockChannel = lockChannel;
  }

  /** Takes the sole right to the file, by a lock on a file beside it. */
  static StateFile lock(Path path) {
    try {
      FileChannel channel =
          FileChannel.open(
              sibling(path, ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new StateUnavailableException(
            path + " is held by another provider", /* applied= */ false, null);
      }
      return new StateFile(path, channel);
    } catch (IOException e) {
      throw new StateUnavailableException(path + " cannot be locked", /* applied= */ false, e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this very process
    }
  }

  private static Path sibling(Path path, String ending) {
    return path.resolveSibling(path.getFileName() + ending);
  }

  /** Returns what the file holds, or null if there is none. */
  StateExport read() {
    if (!Files.exists(path)) {
      return null;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return StateExport.readFrom(in);
    } catch (IOException e) {
      throw new StateUnavailableException(path + " cannot be read", /* applied= */ false, e);
    }
  }

  /** Replaces the content; when this returns, it is on the disk. */
  void write(StateExport export) throws IOException {
    Path fresh = sibling(path, ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
      export.writeTo(out);
      out.flush();
      channel.force(/* metaData= */ true);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    try {
      lockChannel
          .close(); // releases the lock; the lock file stays, or two processes could lock two of
      // them
    } catch (IOException e) {
      throw new StateUnavailableException(path + " cannot be released", /* applied= */ true, e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
