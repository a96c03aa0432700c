package io.trimtab.openai;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Runs a client against every misbehaving server and tells what it does wrong: too late, too much,
 * too trusting, or a failure of the wrong kind.
 */
final class HostileServerCheck {

  static final Deadlines DEADLINES =
      new Deadlines(
          Duration.ofMillis(500),
          Duration.ofMillis(400),
          Duration.ofMillis(300),
          Duration.ofMillis(600));
  static final int MAX_BYTES = 1 << 20;
  static final String KEY = "sk-CANARY-1f3b9a77c0d2e4";

  private static final Duration GRACE = Duration.ofMillis(250);

  /** A stream is bounded at a multiple; sockets hold a few megabytes more. */
  private static final long MOST_WRITTEN = 17L * MAX_BYTES + (8 << 20);

  private final BiFunction<String, Deadlines, LanguageModel> clients;

  /**
   * Creates a check.
   *
   * @param clients connects the client under test to a base URL under the given deadlines
   */
  HostileServerCheck(BiFunction<String, Deadlines, LanguageModel> clients) {
    this.clients = clients;
  }

  /** Returns what is wrong, one sentence each; empty if nothing is. */
  List<String> violations(Form form) throws Exception {
    return violations(form, hostile -> true);
  }

  /** Returns what is wrong in the chosen cases. */
  List<String> violations(Form form, Predicate<HostileCase> chosen) throws Exception {
    List<String> violations = new ArrayList<>();
    try (RawServer elsewhere =
        new RawServer(
            InetAddress.getByName("127.0.0.2"),
            RawServer.always(RawServer.json(RawServer.answer("gotcha"))))) {
      String target = "http://127.0.0.2:" + elsewhere.port() + "/v1/chat/completions";
      for (HostileCase hostile : HostileCase.all(target)) {
        if (chosen.test(hostile) && (!hostile.streamed() || form == Form.STREAM)) {
          violations.addAll(run(hostile, form));
        }
      }
      for (RawServer.Request request : elsewhere.requests()) {
        violations.add(
            "redirect to another host: followed, key sent: "
                + request.headers().containsKey("authorization"));
      }
    }
    return violations;
  }

  private List<String> run(HostileCase hostile, Form form) throws Exception {
    AtomicLong written = new AtomicLong();
    List<String> violations = new ArrayList<>();
    try (RawServer server = new RawServer(peer -> serve(hostile, peer, written));
        LanguageModel model = clients.apply(server.url(), DEADLINES)) {
      Jitter jitter = new Jitter();
      long start = System.nanoTime();
      String outcome;
      try {
        outcome = form.ask(model, "hello").text();
        if (!outcome.equals(hostile.expected())) {
          violations.add("took \"%s\" for an answer".formatted(shortened(outcome)));
        }
      } catch (LmException e) {
        if (hostile.expected() != null) {
          violations.add("expected \"%s\", failed with %s".formatted(hostile.expected(), e));
        }
        if (e.getMessage() == null || String.valueOf(e).contains(KEY)) {
          violations.add("failed with a bad message: " + e);
        }
      } catch (Throwable e) {
        violations.add("failed with " + e);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      Duration limit = DEADLINES.total().plus(GRACE).plus(jitter.worst());
      if (took.compareTo(limit) > 0) {
        violations.add("took %s, limit %s".formatted(took, limit));
      }
      if (hostile.hangs() && !server.awaitQuiet(Duration.ofSeconds(5))) {
        violations.add("did not hang up");
      }
      if (written.get() > MOST_WRITTEN) {
        violations.add("read %d MiB".formatted(written.get() >> 20));
      }
    }
    return violations.stream().map(what -> "%s: %s".formatted(hostile.name(), what)).toList();
  }

  private static void serve(HostileCase hostile, RawServer.Peer peer, AtomicLong written)
      throws Exception {
    if (peer.readRequest() == null) {
      return;
    }
    hostile.script().serve(peer, written);
    if (hostile.hangs()) {
      peer.hang();
    }
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }

  /**
   * Measures how late this machine wakes a thread up meanwhile, which is not the client's fault.
   */
  private static final class Jitter {

    private static final long NAP = 5_000_000;

    private final AtomicLong worst = new AtomicLong();
    private final Thread thread = new Thread(this::measure, "jitter");
    private volatile boolean over;

    Jitter() {
      thread.setDaemon(true);
      thread.start();
    }

    private void measure() {
      while (!over) {
        long before = System.nanoTime();
        LockSupport.parkNanos(NAP);
        worst.accumulateAndGet(System.nanoTime() - before - NAP, Math::max);
      }
    }

    Duration worst() {
      over = true;
      // Several threads take part in a call, and each may be late.
      return Duration.ofNanos(4 * worst.get());
    }
  }
}
