package io.trimtab.openai;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One way for a server to misbehave, and what a client must make of it.
 *
 * @param name what the server does
 * @param streamed whether the case is about streams only
 * @param hangs whether the server stays on the line until the client hangs up
 * @param expected the text a client must get, or null if it must fail
 * @param script the server
 */
record HostileCase(String name, boolean streamed, boolean hangs, String expected, Script script) {

  /** What the server does on one connection, counting what it got rid of. */
  interface Script {
    void serve(RawServer.Peer peer, AtomicLong written) throws Exception;
  }

  /** A server that writes this much to one client proves that the client has no bound. */
  static final long TOO_MUCH = 64L << 20;

  private static final String JSON_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

  static List<HostileCase> all(String redirectTarget) {
    List<HostileCase> cases = new ArrayList<>();
    headers(cases);
    bodies(cases);
    lengths(cases);
    statuses(cases, redirectTarget);
    streams(cases);
    return cases;
  }

  private static void headers(List<HostileCase> cases) {
    cases.add(hanging("silence", (peer, written) -> {}));
    cases.add(
        hanging("slow headers", (peer, written) -> drip(peer, "HTTP/1.1 200 OK\r\nX-Y: zzzzzz")));
    cases.add(
        hanging(
            "endless headers",
            (peer, written) -> {
              peer.write("HTTP/1.1 200 OK\r\n");
              flood(peer, written, "X-Filler: " + "f".repeat(1000) + "\r\n");
            }));
    cases.add(
        hanging(
            "one endless header",
            (peer, written) -> {
              peer.write("HTTP/1.1 200 OK\r\nX-Filler: ");
              flood(peer, written, "f".repeat(1000));
            }));
    cases.add(
        hanging(
            "interim responses for ever",
            (peer, written) -> flood(peer, written, "HTTP/1.1 103 Early Hints\r\n\r\n")));
    cases.add(hanging("no HTTP at all", (peer, written) -> peer.write("hello there\r\n\r\n")));
    cases.add(failing("hangs up without a word", (peer, written) -> {}));
    cases.add(failing("resets without a word", (peer, written) -> peer.reset()));
    cases.add(
        failing(
            "resets within the headers",
            (peer, written) -> {
              peer.write("HTTP/1.1 200 OK\r\nContent-");
              peer.reset();
            }));
  }

  private static void bodies(List<HostileCase> cases) {
    String body = RawServer.answer("hi");
    cases.add(hanging("no body after the headers", (peer, written) -> peer.write(head(500))));
    cases.add(
        failing(
            "slow body",
            (peer, written) -> {
              peer.write(head(1 << 20));
              drip(peer, " ");
            }));
    cases.add(
        hanging(
            "endless body",
            (peer, written) -> {
              peer.write(JSON_HEAD + CHUNKED);
              flood(peer, written, "3e8\r\n" + " ".repeat(1000) + "\r\n");
            }));
    cases.add(
        hanging(
            "body without length that does not end",
            (peer, written) -> {
              peer.write(JSON_HEAD + "\r\n");
              flood(peer, written, " ".repeat(1000));
            }));
    cases.add(
        failing(
            "reset within the body",
            (peer, written) -> {
              peer.write(head(body.length()) + body.substring(0, 40));
              peer.reset();
            }));
    cases.add(
        failing(
            "malformed UTF-8",
            (peer, written) -> {
              byte[] bytes = RawServer.json(RawServer.answer("b\u0000d"));
              bytes[indexOf(bytes, (byte) 0)] = (byte) 0xFF;
              peer.write(bytes);
            }));
    cases.add(
        failing(
            "overlong UTF-8",
            (peer, written) -> {
              byte[] bytes = RawServer.json(RawServer.answer("b\u0000\u0000d"));
              int at = indexOf(bytes, (byte) 0);
              bytes[at] = (byte) 0xC0;
              bytes[at + 1] = (byte) 0xAF;
              peer.write(bytes);
            }));
    cases.add(
        failing(
            "UTF-16 for UTF-8",
            (peer, written) -> {
              byte[] utf16 = body.getBytes(StandardCharsets.UTF_16LE);
              peer.write(head(utf16.length));
              peer.write(utf16);
            }));
    cases.add(
        failing(
            "compressed though nobody asked",
            (peer, written) ->
                peer.write(
                    RawServer.response(
                        "200 OK", "Content-Encoding: gzip\r\n", "\u001f\u008bbomb"))));
    cases.add(
        failing(
            "chunk of no size",
            (peer, written) ->
                peer.write(JSON_HEAD + CHUNKED + "zz\r\n" + body + "\r\n0\r\n\r\n")));
    cases.add(
        failing(
            "JSON nested without end",
            (peer, written) -> {
              String deep = "{\"choices\":" + "[".repeat(200_000);
              peer.write(head(deep.length()) + deep);
            }));
    cases.add(failing("empty body", (peer, written) -> peer.write(head(0))));
  }

  private static void lengths(List<HostileCase> cases) {
    String body = RawServer.answer("hi");
    cases.add(
        hanging(
            "length too long, then silence",
            (peer, written) -> peer.write(head(body.length() + 100) + body)));
    cases.add(
        failing(
            "length too long, then the end",
            (peer, written) -> peer.write(head(body.length() + 100) + body)));
    cases.add(
        failing("length too short", (peer, written) -> peer.write(head(body.length() - 9) + body)));
    cases.add(failing("negative length", (peer, written) -> peer.write(head(-1) + body)));
    cases.add(
        failing("length of 2^63-1", (peer, written) -> peer.write(head(Long.MAX_VALUE) + body)));
    cases.add(
        failing(
            "length beyond 64 bits",
            (peer, written) ->
                peer.write(JSON_HEAD + "Content-Length: 99999999999999999999\r\n\r\n" + body)));
    cases.add(
        failing(
            "huge body",
            (peer, written) -> {
              peer.write(head(32 << 20));
              flood(peer, written, " ".repeat(1 << 16));
            }));
  }

  private static void statuses(List<HostileCase> cases, String redirectTarget) {
    cases.add(
        failing(
            "redirect to another host",
            (peer, written) ->
                peer.write(
                    RawServer.response(
                        "307 Temporary Redirect", "Location: " + redirectTarget + "\r\n", ""))));
    cases.add(
        failing(
            "HTML page with status 502",
            (peer, written) ->
                peer.write(
                    RawServer.response(
                        "502 Bad Gateway",
                        "Content-Type: text/html\r\n",
                        "<html><title>Bad</title></html>"))));
    cases.add(
        failing(
            "endless error page",
            (peer, written) -> {
              peer.write("HTTP/1.1 500 Oops\r\n" + CHUNKED);
              flood(peer, written, "3e8\r\n" + "e".repeat(1000) + "\r\n");
            }));
  }

  private static void streams(List<HostileCase> cases) {
    String emoji = "\\\"\u00e9\ud83d\ude00\\\"";
    byte[] split =
        ("data: {\"choices\":[{\"delta\":{\"content\":\""
                + emoji
                + "\"},\"finish_reason\":\"stop\"}]}\n\n")
            .getBytes(StandardCharsets.UTF_8);
    cases.add(
        stream(
            "every byte a packet of its own",
            "\"\u00e9\ud83d\ude00\"",
            peer -> {
              for (byte b : split) {
                peer.write(new byte[] {b});
              }
            }));
    cases.add(stream("[DONE] missing", "a", peer -> finished(peer, "a")));
    cases.add(
        stream(
            "[DONE] twice, then rubbish",
            "a",
            peer -> {
              finished(peer, "a");
              peer.write("data: [DONE]\n\ndata: [DONE]\n\ndata: {{{{\n\n");
            }));
    cases.add(
        stream(
            "event without a blank line before the end",
            "a",
            peer -> {
              peer.delta("a");
              peer.write("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");
            }));
    cases.add(stream("comments only", null, peer -> peer.write(": ping\n\n: ping\n\n")));
    cases.add(stream("ends without finish reason", null, peer -> peer.delta("a")));
    cases.add(stream("ends within an event", null, peer -> peer.write("data: {\"choi")));
    cases.add(stream("nothing at all", null, peer -> {}));
    cases.add(stream("malformed JSON", null, peer -> peer.write("data: {\"choices\":[{]}\n\n")));
    cases.add(
        stream(
            "malformed UTF-8 in an event",
            null,
            peer -> {
              peer.write("data: {\"choices\":[{\"delta\":{\"content\":\"");
              peer.write(new byte[] {(byte) 0xFF});
              peer.write("\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
            }));
    cases.add(
        stream(
            "error as an event",
            null,
            peer -> {
              peer.delta("a");
              peer.event("{\"error\":{\"message\":\"upstream died\",\"code\":502}}");
              peer.event("[DONE]");
            }));
    cases.add(
        stream(
            "reset within the stream",
            null,
            peer -> {
              peer.delta("a");
              peer.reset();
            }));
    cases.add(
        new HostileCase(
            "silence within the stream",
            true,
            true,
            null,
            streaming((peer, written) -> peer.delta("a"))));
    cases.add(
        new HostileCase(
            "event that is never ended",
            true,
            true,
            null,
            streaming((peer, written) -> peer.write("data: {\"choices\":[]}"))));
    cases.add(
        new HostileCase(
            "comments for ever",
            true,
            true,
            null,
            streaming((peer, written) -> drip(peer, ": ping\n\n"))));
    cases.add(
        new HostileCase(
            "data line without end",
            true,
            false,
            null,
            streaming(
                (peer, written) -> {
                  peer.write("data: ");
                  flood(peer, written, "x".repeat(1000));
                })));
    cases.add(
        new HostileCase(
            "event of lines without end",
            true,
            false,
            null,
            streaming((peer, written) -> flood(peer, written, "data: " + "x".repeat(990) + "\n"))));
    cases.add(
        new HostileCase(
            "text without end",
            true,
            false,
            null,
            streaming(
                (peer, written) ->
                    flood(
                        peer,
                        written,
                        "data: {\"choices\":[{\"delta\":{\"content\":\""
                            + "x".repeat(900)
                            + "\"}}]}\n\n"))));
  }

  private interface Says {
    void say(RawServer.Peer peer) throws IOException;
  }

  private static void finished(RawServer.Peer peer, String text) throws IOException {
    peer.delta(text);
    peer.finish("stop");
  }

  private static HostileCase failing(String name, Script script) {
    return new HostileCase(name, false, false, null, script);
  }

  private static HostileCase hanging(String name, Script script) {
    return new HostileCase(name, false, true, null, script);
  }

  private static HostileCase stream(String name, String expected, Says says) {
    return new HostileCase(
        name, true, false, expected, streaming((peer, written) -> says.say(peer)));
  }

  private static Script streaming(Script script) {
    return (peer, written) -> {
      peer.write(RawServer.SSE_HEAD);
      script.serve(peer, written);
    };
  }

  private static String head(long length) {
    return JSON_HEAD + "Content-Length: " + length + "\r\n\r\n";
  }

  private static int indexOf(byte[] bytes, byte wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    throw new AssertionError("no such byte");
  }

  /** Writes until the client hangs up or has taken far too much. */
  private static void flood(RawServer.Peer peer, AtomicLong written, String piece)
      throws IOException {
    byte[] bytes =
        piece.repeat(Math.max(1, (1 << 15) / piece.length())).getBytes(StandardCharsets.UTF_8);
    while (written.get() < TOO_MUCH) {
      peer.write(bytes);
      written.addAndGet(bytes.length);
    }
  }

  /** Writes a little at a time, faster than an idle deadline and slower than any other. */
  private static void drip(RawServer.Peer peer, String piece) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < 120; i++) {
      peer.write(piece);
      never.await(20, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
