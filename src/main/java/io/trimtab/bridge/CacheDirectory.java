package io.trimtab.bridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Where things are kept that can be made again, each under a name that tells its content. */
final class CacheDirectory {
  /*
   * An entry is built in a temporary directory beside its place and moved there in one step, so a half-made one is never
   * found. A lock file keeps several processes from making the same entry, a lock keeps threads of this one apart, since
   * file locks belong to the process.
   */

  private static final ReentrantLock WITHIN_PROCESS = new ReentrantLock();

  /** Makes the content of an entry in an empty directory. */
  interface Maker {
    void make(Path directory) throws IOException;
  }

  private final Path root;

  CacheDirectory(Path root) {
    this.root = root;
  }

  static Path ofUser() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && !xdg.isBlank()) {
      return Path.of(xdg, "trimtab");
    }
    String home = System.getProperty("user.home");
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (os.contains("win")) {
      String local = System.getenv("LOCALAPPDATA");
      return local == null ? Path.of(home, "trimtab", "cache") : Path.of(local, "trimtab", "cache");
    }
    return os.contains("mac")
        ? Path.of(home, "Library", "Caches", "trimtab")
        : Path.of(home, ".cache", "trimtab");
  }

  /** Returns the directory of an entry, made now if it is not there yet. */
  Path entry(String name, Maker maker) {
    Path place = root.resolve(name);
    if (Files.isDirectory(place)) {
      return place;
    }
    WITHIN_PROCESS.lock();
    try {
      Files.createDirectories(root);
      try (FileChannel file =
              FileChannel.open(
                  root.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = file.lock()) {
        if (!Files.isDirectory(place) && lock.isValid()) {
          make(place, maker);
        }
        return place;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cache: expected to make " + place + ", got " + e, e);
    } finally {
      WITHIN_PROCESS.unlock();
    }
  }

  private void make(Path place, Maker maker) throws IOException {
    Path half = Files.createTempDirectory(root, ".making-");
    try {
      maker.make(half);
      Files.move(half, place, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      deleteAll(half);
    }
  }

  /** Deletes a directory and everything in it, if it exists. */
  static void deleteAll(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
