package io.trimtab.bridge;

import io.trimtab.lm.LmException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.program.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Remembers, while runs last, which calls of this JVM's language models belonged to which run. */
final class ModelCalls {

  private final Map<String, OfRun> running = new ConcurrentHashMap<>();

  /** What one run asked of language models. Safe for use by many threads at once. */
  final class OfRun implements AutoCloseable {

    private final String id = UUID.randomUUID().toString();

    // Guarded by this.
    private final List<Attempt> answered = new ArrayList<>();
    private @Nullable LmException failure;

    String id() {
      return id;
    }

    synchronized List<Attempt> answered() {
      return List.copyOf(answered);
    }

    /** The last failure of a model, which is usually why a program that failed did. */
    synchronized @Nullable LmException failure() {
      return failure;
    }

    private synchronized void add(Attempt attempt) {
      answered.add(attempt);
    }

    private synchronized void fail(LmException e) {
      failure = e;
    }

    @Override
    public void close() {
      running.remove(id);
    }
  }

  OfRun begin() {
    OfRun run = new OfRun();
    running.put(run.id, run);
    return run;
  }

  void answered(String runId, LmRequest request, LmResponse response) {
    OfRun run = running.get(runId);
    if (run != null) {
      run.add(new Attempt(Attempt.Kind.FIRST, "python", request, response, null));
    }
  }

  void failed(String runId, LmException failure) {
    OfRun run = running.get(runId);
    if (run != null) {
      run.fail(failure);
    }
  }
}
