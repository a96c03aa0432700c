package io.trimtab.bridge;

import io.grpc.Grpc;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Collects how to reach a sidecar that somebody else runs.
 *
 * <p>Defaults: no TLS, which is refused unless the address is on this machine, since the token
 * would travel in the clear. Not safe for several threads.
 */
public final class SidecarConnection {

  private final String address;
  private @Nullable String token;
  private @Nullable String authority;
  private TlsChannelCredentials.@Nullable Builder tls;

  SidecarConnection(String address) {
    if (!address.startsWith("unix:") && !address.matches("(tcp:)?.+:\\d{1,5}")) {
      throw new IllegalArgumentException(
          "a sidecar's address is host:port or unix:/path, got \"" + address + "\"");
    }
    this.address = address;
  }

  /**
   * Names the secret the sidecar was started with.
   *
   * @param token what its token file holds; never printed
   * @return this builder
   */
  public SidecarConnection token(String token) {
    if (token.isBlank()) {
      throw new IllegalArgumentException("a sidecar's token is not blank");
    }
    this.token = token.strip();
    return this;
  }

  /**
   * Encrypts the connection and checks the sidecar's certificate.
   *
   * @param trustedCertificates a PEM file of the authorities to trust
   * @return this builder
   */
  public SidecarConnection tls(Path trustedCertificates) {
    try {
      credentials().trustManager(trustedCertificates.toFile());
    } catch (IOException e) {
      throw unreadable(trustedCertificates, e);
    }
    return this;
  }

  /**
   * Shows a certificate of this JVM to a sidecar that asks for one.
   *
   * @param certificateChain a PEM file
   * @param privateKey a PEM file in PKCS #8
   * @return this builder
   */
  public SidecarConnection clientCertificate(Path certificateChain, Path privateKey) {
    try {
      credentials().keyManager(certificateChain.toFile(), privateKey.toFile());
    } catch (IOException e) {
      throw unreadable(certificateChain, e);
    }
    return this;
  }

  /**
   * Expects another host name in the sidecar's certificate than that of the address.
   *
   * @param hostName the name in the certificate
   * @return this builder
   */
  public SidecarConnection certificateName(String hostName) {
    this.authority = hostName;
    return this;
  }

  private TlsChannelCredentials.Builder credentials() {
    TlsChannelCredentials.Builder builder = tls;
    if (builder == null) {
      builder = TlsChannelCredentials.newBuilder();
      tls = builder;
    }
    return builder;
  }

  private static IllegalArgumentException unreadable(Path file, IOException cause) {
    return new IllegalArgumentException("expected a readable PEM file, got " + file, cause);
  }

  /**
   * Returns the sidecar; the connection is made at the first use.
   *
   * @return an open sidecar that the caller closes
   * @throws IllegalArgumentException if there is no token, or it would travel in the clear
   */
  public Sidecar open() {
    String secret = token;
    if (secret == null) {
      throw new IllegalArgumentException("sidecar " + address + ": expected a token, got none");
    }
    if (tls == null && !isLocal(SidecarChannel.target(address))) {
      throw new IllegalArgumentException(
          "sidecar %s: expected TLS, since it is not on this machine and the token would travel in the clear"
              .formatted(address));
    }
    return Sidecar.connected(address, new SidecarChannel(this::channelBuilder), secret);
  }

  private ManagedChannelBuilder<?> channelBuilder(String address) {
    if (tls == null) {
      return SidecarChannel.plaintext(address);
    }
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(SidecarChannel.target(address), tls.build());
    return authority == null ? builder : builder.overrideAuthority(authority);
  }

  private static boolean isLocal(String target) {
    if (target.startsWith("unix:")) {
      return true;
    }
    String host = target.substring(0, target.lastIndexOf(':'));
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // whatever it is, it is not the loopback
    }
  }
}
