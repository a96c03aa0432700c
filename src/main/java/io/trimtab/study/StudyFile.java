package io.trimtab.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one study in a file of JSON lines, format {@code trimtab.study/1}, for one process at a
 * time.
 *
 * <p>What was told is in the file before {@link Study#tell} returns: it survives the end of the
 * process however it ends, and with {@link #synced} the end of the machine. A line that was torn by
 * a crash is cut off when the file is opened again. Beside the file lies an empty one ending in
 * {@code .lock}, by which the operating system keeps a second process out.
 *
 * <p>Immutable.
 */
public final class StudyFile implements StudyStorage {

  private final Path path;
  private final boolean synced;

  private StudyFile(Path path, boolean synced) {
    this.path = path;
    this.synced = synced;
  }

  /**
   * Returns a storage that leaves it to the operating system when to write to the disk.
   *
   * @param path the file; its folder is made if it does not exist
   * @return the storage
   */
  public static StudyFile at(Path path) {
    return new StudyFile(path.toAbsolutePath().normalize(), /* synced= */ false);
  }

  /**
   * Returns a storage that waits for the disk after every line, so that nothing told is lost even
   * when power fails.
   *
   * @return a new storage
   */
  public StudyFile synced() {
    return new StudyFile(path, /* synced= */ true);
  }

  @Override
  public StudyLog open(String study) {
    return Log.open(path, synced);
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static final class Log implements StudyLog {
    /*
     * The lock lies on a file of its own: on POSIX systems a process loses its lock on a file when it closes *any* channel to it,
     * and others in this process may well read the study's file meanwhile. The lock file is never deleted, because a process
     * that waits on the deleted one and a process that makes a new one would both believe they hold the lock.
     */

    private final Path path;
    private final boolean synced;
    private final FileChannel lockChannel;
    private final FileChannel channel;
    private List<String> unread;
    private long end;
    private boolean closed;

    private Log(
        Path path,
        boolean synced,
        FileChannel lockChannel,
        FileChannel channel,
        List<String> unread,
        long end) {
      this.path = path;
      this.synced = synced;
      this.lockChannel = lockChannel;
      this.channel = channel;
      this.unread = unread;
      this.end = end;
    }

    static Log open(Path path, boolean synced) {
      try {
        Path folder = path.getParent();
        if (folder != null) {
          Files.createDirectories(folder);
        }
        FileChannel lockChannel = locked(path);
        try {
          return open(path, synced, lockChannel);
        } catch (IOException | RuntimeException e) {
          lockChannel.close();
          throw e;
        }
      } catch (IOException e) {
        throw new StudyStorageException(path.toString(), "cannot be opened: " + e, e);
      }
    }

    private static FileChannel locked(Path path) throws IOException {
      Path file = path.resolveSibling(path.getFileName() + ".lock");
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new StudyStorageException(
            path.toString(), "is in use by another study; close it first", null);
      }
      return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
      try {
        return channel.tryLock();
      } catch (OverlappingFileLockException e) {
        return null; // held by this process
      }
    }

    private static Log open(Path path, boolean synced, FileChannel lockChannel) throws IOException {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        byte[] bytes = Files.readAllBytes(path);
        int end = wholeLines(bytes);
        channel.truncate(end);
        List<String> lines = new ArrayList<>();
        new String(bytes, 0, end, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.isEmpty())
            .forEach(lines::add);
        return new Log(path, synced, lockChannel, channel, lines, end);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }

    /**
     * The length without a torn last line: one without its line feed, or the zeros that a file
     * system may leave after a power failure.
     */
    private static int wholeLines(byte[] bytes) {
      int end = 0;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          end = i + 1;
        }
      }
      return end;
    }

    @Override
    public List<String> read() {
      List<String> lines = unread;
      unread = List.of();
      return lines;
    }

    @Override
    public boolean append(String line) {
      if (closed) {
        throw new IllegalStateException("the study kept in " + path + " is closed");
      }
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      long from = end;
      try {
        while (bytes.hasRemaining()) {
          from += channel.write(bytes, from);
        }
        if (synced) {
          channel.force(/* metaData= */ false);
        }
      } catch (IOException e) {
        cutOff();
        throw new StudyStorageException(path.toString(), "cannot be written: " + e, e);
      }
      end = from;
      return true;
    }

    /**
     * Removes half a line; if even that fails, it is a torn tail, which the next opening cuts off.
     */
    private void cutOff() {
      try {
        channel.truncate(end);
      } catch (IOException e) {
        closed = true; // a line after half a line would be lost with it
      }
    }

    @Override
    public boolean exclusive() {
      return true;
    }

    @Override
    public void close() {
      closed = true;
      try {
        channel.close();
        lockChannel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
