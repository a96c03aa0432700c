package io.trimtab.session;

import java.util.function.LongSupplier;

/** The machine's clock for measuring durations. */
final class SystemTime {

  /** Nanoseconds since some fixed moment. */
  static final LongSupplier NANOS = System::nanoTime;

  private SystemTime() {}
}
