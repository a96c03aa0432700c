package io.trimtab.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The Python package that this artifact carries. */
final class BundledPackage {

  private static final String ROOT = "io/trimtab/bridge/python/";

  private final SortedMap<String, byte[]> files;

  private BundledPackage(SortedMap<String, byte[]> files) {
    this.files = files;
  }

  /** Reads the package from wherever this class was loaded from, nested jars included. */
  static BundledPackage load() {
    URL root = BundledPackage.class.getClassLoader().getResource(ROOT);
    if (root == null) {
      throw new SidecarException(
          "the Python package: expected resources under " + ROOT + ", found none", List.of(), null);
    }
    try {
      URLConnection connection = root.openConnection();
      SortedMap<String, byte[]> files =
          connection instanceof JarURLConnection jar ? fromJar(jar) : fromDirectory(root);
      return new BundledPackage(files);
    } catch (IOException | URISyntaxException e) {
      throw new SidecarException("the Python package cannot be read from " + root, List.of(), e);
    }
  }

  private static SortedMap<String, byte[]> fromJar(JarURLConnection connection) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    connection.setUseCaches(false); // ours to close
    try (JarFile jar = connection.getJarFile()) {
      String prefix = connection.getEntryName();
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (!entry.isDirectory() && entry.getName().startsWith(prefix)) {
          try (InputStream content = jar.getInputStream(entry)) {
            files.put(entry.getName().substring(prefix.length()), content.readAllBytes());
          }
        }
      }
    }
    return files;
  }

  private static SortedMap<String, byte[]> fromDirectory(URL root)
      throws IOException, URISyntaxException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    Path directory = Path.of(root.toURI());
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String name = directory.relativize(file).toString().replace('\\', '/');
        if (!name.contains("__pycache__")) {
          files.put(name, Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  /** Returns a directory for the Python path that holds the package, unpacked once per content. */
  Path unpack(CacheDirectory cache) {
    return cache.entry("package-" + hash(), this::write);
  }

  private void write(Path directory) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path target = directory.resolve(file.getKey()).normalize();
      if (!target.startsWith(directory)) {
        throw new IOException("a file of the package lies outside of it: " + file.getKey());
      }
      Files.createDirectories(target.getParent());
      Files.write(target, file.getValue());
    }
  }

  private String hash() {
    MessageDigest digest = sha256();
    files.forEach(
        (name, content) -> {
          digest.update((name + "\n" + content.length + "\n").getBytes(StandardCharsets.UTF_8));
          digest.update(content);
        });
    return HexFormat.of().formatHex(digest.digest(), 0, 12);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
