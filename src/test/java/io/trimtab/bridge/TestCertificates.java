package io.trimtab.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Two authorities and the certificates they sign, made with the JDK's keytool, as PEM files. */
final class TestCertificates {

  private static final String PASSWORD = "password";

  private final Path directory;

  private TestCertificates(Path directory) {
    this.directory = directory;
  }

  /** Makes everything in an empty directory. */
  static TestCertificates in(Path directory) throws Exception {
    TestCertificates made = new TestCertificates(directory);
    made.make("authority", "-ext", "bc:c=ca:true");
    made.make("stranger", "-ext", "bc:c=ca:true");
    made.make("server", "-signer", "authority", "-ext", "san=dns:localhost,ip:127.0.0.1");
    made.make("elsewhere", "-signer", "authority", "-ext", "san=dns:sidecar.example");
    made.make("client", "-signer", "authority", "-ext", "eku=clientAuth");
    made.make("intruder", "-signer", "stranger", "-ext", "eku=clientAuth");
    made.write();
    return made;
  }

  /** Returns the PEM file of a certificate and its issuers. */
  Path certificate(String name) {
    return directory.resolve(name + ".pem");
  }

  /** Returns the PEM file of a private key. */
  Path key(String name) {
    return directory.resolve(name + ".key");
  }

  private Path keystore() {
    return directory.resolve("keys.p12");
  }

  private void make(String name, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                keystore().toString()));
    command.addAll(Arrays.asList(more));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: " + output);
    }
  }

  private void write() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream stored = Files.newInputStream(keystore())) {
      keys.load(stored, PASSWORD.toCharArray());
    }
    for (String name :
        List.of("authority", "stranger", "server", "elsewhere", "client", "intruder")) {
      StringBuilder chain = new StringBuilder();
      for (Certificate certificate : keys.getCertificateChain(name)) {
        chain.append(pem("CERTIFICATE", certificate.getEncoded()));
      }
      Files.writeString(certificate(name), chain);
      Files.writeString(
          key(name), pem("PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
    }
  }

  private static String pem(String what, byte[] content) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, base64, what);
  }
}
