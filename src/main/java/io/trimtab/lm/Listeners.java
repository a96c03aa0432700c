package io.trimtab.lm;

import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells events to listeners, whatever they do. */
final class Listeners {

  private static final Logger LOG = LoggerFactory.getLogger(LmListener.class);

  private final CopyOnWriteArrayList<LmListener> all = new CopyOnWriteArrayList<>();

  /** Adds a listener; does nothing the second time. */
  void add(LmListener listener) {
    all.addIfAbsent(listener);
  }

  void remove(LmListener listener) {
    all.remove(listener);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  void tell(LmEvent event) {
    for (LmListener listener : all) {
      try {
        listener.on(event);
      } catch (RuntimeException | Error e) { // an assertion in a listener must not fail the call
        LOG.warn(
            "a language-model listener threw {} on {}",
            e.getClass().getName(),
            event.getClass().getSimpleName());
      }
    }
  }
}
