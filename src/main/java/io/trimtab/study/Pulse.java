package io.trimtab.study;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows at regular times that the trials of a run are alive, if the study has a heartbeat. */
final class Pulse {

  private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);

  private final Study study;
  private final @Nullable Duration every;
  private final Map<Integer, Trial> alive = new ConcurrentHashMap<>();
  private final CountDownLatch stopped = new CountDownLatch(1);

  Pulse(Study study) {
    this.study = study;
    this.every = study.pulse();
  }

  void start() {
    if (every != null) {
      Thread thread = new Thread(() -> beatUntilStopped(every), "trimtab-pulse-" + study.name());
      thread.setDaemon(true);
      thread.start();
    }
  }

  void begun(Trial trial) {
    if (every != null) {
      alive.put(trial.number(), trial);
    }
  }

  void ended(Trial trial) {
    if (every != null) {
      alive.remove(trial.number());
    }
  }

  void stop() {
    stopped.countDown();
  }

  private void beatUntilStopped(Duration every) {
    try {
      while (!stopped.await(every.toNanos(), TimeUnit.NANOSECONDS)) {
        beat();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody else has this thread; it ends
    }
  }

  private void beat() {
    try {
      study.beat(List.copyOf(alive.values()));
    } catch (RuntimeException e) {
      LOG.warn("a heartbeat of study \"{}\" was lost", study.name(), e);
    }
  }
}
