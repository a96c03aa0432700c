package io.trimtab.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmCancelledException;
import io.trimtab.lm.LmCapability;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmException;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.LmStreams;
import io.trimtab.lm.LmTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What every {@link LanguageModel} promises. A model's test class implements the three openers. */
public interface LanguageModelContract {

  /** The longest a test waits for something that should happen at once. */
  Duration PROMPTLY = Duration.ofSeconds(5);

  /** A model under test and a view behind it. */
  interface Subject {

    /**
     * Returns the model.
     *
     * @return the model under test
     */
    LanguageModel model();

    /**
     * Looks behind the model.
     *
     * @return how many exchanges with whatever answers it are still open
     */
    int openExchanges();
  }

  /**
   * Opens a model that answers everything with one text.
   *
   * @param text the answer
   * @return the model
   */
  Subject answering(String text);

  /**
   * Opens a model that fails every time.
   *
   * @return the model
   */
  Subject failing();

  /**
   * Opens a model that never answers but can be asked.
   *
   * @return the model
   */
  Subject silent();

  @Test
  default void allThreeForms_giveTheSameAnswer() throws Exception {
    try (LanguageModel model = answering("The answer is forty-two.").model()) {
      LmRequest request = LmRequest.of("What is the answer?");

      LmResponse blocking = model.generate(request);
      LmResponse async = get(model.generateAsync(request));
      LmResponse streamed = get(LmStreams.collect(model.stream(request)));

      assertThat(blocking.text()).isEqualTo("The answer is forty-two.");
      assertThat(async.completions()).isEqualTo(blocking.completions());
      assertThat(streamed.completions()).isEqualTo(blocking.completions());
    }
  }

  @Test
  default void stream_deltasJoined_areTheTextAndEndComesLast() throws Exception {
    try (LanguageModel model = answering("one two three four five six").model()) {
      Recorder recorder = new Recorder(Long.MAX_VALUE);

      model.stream(LmRequest.of("count")).subscribe(recorder);
      recorder.awaitEnd();

      assertThat(recorder.failure).isNull();
      assertThat(recorder.text()).isEqualTo("one two three four five six");
      assertThat(recorder.chunks.get(recorder.chunks.size() - 1)).isInstanceOf(LmChunk.End.class);
      assertThat(recorder.chunks).filteredOn(LmChunk.End.class::isInstance).hasSize(1);
      assertThat(recorder.endings).isEqualTo(1);
    }
  }

  @Test
  default void stream_deliversNoMoreThanDemanded() throws Exception {
    try (LanguageModel model = answering("one two three four five six").model()) {
      Recorder recorder = new Recorder(1);

      model.stream(LmRequest.of("count")).subscribe(recorder);
      until("the first chunk", () -> recorder.size() == 1);
      while (!recorder.ended()) {
        long before = recorder.size();
        assertThat(before).isLessThanOrEqualTo(recorder.demanded);
        recorder.demand(1);
        until("one more", () -> recorder.size() > before || recorder.ended());
      }

      assertThat(recorder.failure).isNull();
      assertThat(recorder.text()).isEqualTo("one two three four five six");
    }
  }

  @Test
  default void stream_isColdAndEachSubscriptionIsACall() throws Exception {
    try (LanguageModel model = answering("again").model()) {
      Flow.Publisher<LmChunk> stream = model.stream(LmRequest.of("say"));

      LmResponse first = get(LmStreams.collect(stream));
      LmResponse second = get(LmStreams.collect(stream));

      assertThat(first.text()).isEqualTo("again");
      assertThat(second.text()).isEqualTo("again");
    }
  }

  @Test
  default void stream_demandOfZero_isAnError() throws Exception {
    try (LanguageModel model = answering("text").model()) {
      Recorder recorder = new Recorder(0);

      model.stream(LmRequest.of("say")).subscribe(recorder);
      recorder.demand(0);
      recorder.awaitEnd();

      assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  default void failure_isTheSameLmExceptionInAllForms() throws Exception {
    try (LanguageModel model = failing().model()) {
      LmRequest request = LmRequest.of("fail");
      Recorder recorder = new Recorder(Long.MAX_VALUE);

      Throwable blocking = catchThrowable(() -> model.generate(request));
      Throwable async = catchThrowable(() -> get(model.generateAsync(request)));
      model.stream(request).subscribe(recorder);
      recorder.awaitEnd();

      assertThat(blocking).isInstanceOf(LmException.class);
      assertThat(async).isInstanceOf(ExecutionException.class);
      assertThat(async.getCause()).hasSameClassAs(blocking);
      assertThat(recorder.failure).hasSameClassAs(blocking);
      assertThat(recorder.endings).as("no onComplete after onError").isEqualTo(1);
    }
  }

  @Test
  default void generateAsync_doesNotWaitForTheAnswer() {
    Subject subject = silent();
    try (LanguageModel model = subject.model()) {
      long begun = System.nanoTime();

      CompletableFuture<LmResponse> future = model.generateAsync(LmRequest.of("?"));

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PROMPTLY);
      assertThat(future).isNotDone();
      future.cancel(true);
    }
  }

  @Test
  default void cancelledFuture_endsTheExchange() {
    Subject subject = silent();
    try (LanguageModel model = subject.model()) {
      CompletableFuture<LmResponse> future = model.generateAsync(LmRequest.of("?"));
      until("an open exchange", () -> subject.openExchanges() == 1);

      future.cancel(true);

      until("no open exchange", () -> subject.openExchanges() == 0);
    }
  }

  @Test
  default void cancelledStream_endsTheExchangeInSilence() {
    Subject subject = silent();
    try (LanguageModel model = subject.model()) {
      Recorder recorder = new Recorder(Long.MAX_VALUE);
      model.stream(LmRequest.of("?")).subscribe(recorder);
      until("an open exchange", () -> subject.openExchanges() == 1);

      recorder.cancel();

      until("no open exchange", () -> subject.openExchanges() == 0);
      assertThat(recorder.endings).isZero();
    }
  }

  @Test
  default void interruptedGenerate_returnsPromptlyWithTheFlagSet() throws Exception {
    Subject subject = silent();
    try (LanguageModel model = subject.model()) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicReference<Boolean> flag = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                thrown.set(catchThrowable(() -> model.generate(LmRequest.of("?"))));
                flag.set(Thread.currentThread().isInterrupted());
              });
      caller.setDaemon(true);
      caller.start();
      until("an open exchange", () -> subject.openExchanges() == 1);

      caller.interrupt();
      caller.join(PROMPTLY.toMillis());

      assertThat(thrown.get()).isInstanceOf(LmCancelledException.class);
      assertThat(((LmCancelledException) thrown.get()).interrupted()).isTrue();
      assertThat(flag.get()).isTrue();
      until("no open exchange", () -> subject.openExchanges() == 0);
    }
  }

  @Test
  default void generateOnAnInterruptedThread_asksNobody() {
    Subject subject = silent();
    try (LanguageModel model = subject.model()) {
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> model.generate(LmRequest.of("?")))
            .isInstanceOf(LmCancelledException.class);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
      } finally {
        Thread.interrupted();
      }
      assertThat(subject.openExchanges()).isZero();
    }
  }

  @Test
  default void deadline_endsEveryForm() throws Exception {
    Subject subject = silent();
    try (LanguageModel model = subject.model()) {
      LmRequest request = LmRequest.of("?").withTimeout(Duration.ofMillis(50));
      Recorder recorder = new Recorder(Long.MAX_VALUE);

      Throwable blocking = catchThrowable(() -> model.generate(request));
      Throwable async = catchThrowable(() -> get(model.generateAsync(request)));
      model.stream(request).subscribe(recorder);
      recorder.awaitEnd();

      assertThat(blocking).isInstanceOf(LmTimeoutException.class);
      assertThat(async.getCause()).isInstanceOf(LmTimeoutException.class);
      assertThat(recorder.failure).isInstanceOf(LmTimeoutException.class);
      until("no open exchange", () -> subject.openExchanges() == 0);
    }
  }

  @Test
  default void manyThreads_allGetTheirAnswer() throws Exception {
    try (LanguageModel model = answering("shared").model()) {
      ExecutorService callers = Executors.newFixedThreadPool(16);
      try {
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
          LmRequest request = LmRequest.of("question " + i);
          answers.add(callers.submit(() -> model.generate(request).text()));
        }
        for (Future<String> answer : answers) {
          assertThat(answer.get(PROMPTLY.toMillis(), TimeUnit.MILLISECONDS)).isEqualTo("shared");
        }
      } finally {
        callers.shutdownNow();
      }
    }
  }

  @Test
  default void close_isIdempotentAndLaterCallsAreMisuse() {
    LanguageModel model = answering("text").model();
    LmRequest request = LmRequest.of("?");

    model.close();
    model.close();

    assertThatThrownBy(() -> model.generate(request)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> model.generateAsync(request))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> model.stream(request)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  default void close_endsWhatIsUnderWay() throws Exception {
    Subject subject = silent();
    LanguageModel model = subject.model();
    CompletableFuture<LmResponse> async = model.generateAsync(LmRequest.of("?"));
    Recorder recorder = new Recorder(Long.MAX_VALUE);
    model.stream(LmRequest.of("?")).subscribe(recorder);
    until("open exchanges", () -> subject.openExchanges() == 2);

    model.close();
    recorder.awaitEnd();

    assertThat(catchThrowable(() -> get(async)))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(LmException.class);
    assertThat(recorder.failure).isInstanceOf(LmException.class);
    until("no open exchange", () -> subject.openExchanges() == 0);
  }

  @Test
  default void keyAndCapabilities_areStable() {
    try (LanguageModel model = answering("text").model()) {
      Set<LmCapability> capabilities = model.capabilities();

      assertThat(model.key()).isEqualTo(model.key());
      assertThat(model.capabilities()).isEqualTo(capabilities);
      assertThatThrownBy(() -> capabilities.add(LmCapability.TOOLS))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  /**
   * Waits for something that should happen promptly.
   *
   * @param what names it in the failure
   * @param condition tells whether it has
   */
  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PROMPTLY.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("waited in vain for " + what).isNegative();
      LockSupport.parkNanos(200_000);
    }
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(PROMPTLY.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A subscriber that remembers what it heard. */
  final class Recorder implements Flow.Subscriber<LmChunk> {

    private final long first;
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<LmChunk> chunks = new ArrayList<>();
    private volatile Flow.Subscription subscription;
    private volatile Throwable failure;
    private volatile int endings;
    private volatile long demanded;

    /**
     * Creates a recorder.
     *
     * @param first what it demands at once, 0 for nothing
     */
    public Recorder(long first) {
      this.first = first;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      if (first > 0) {
        demand(first);
      }
    }

    /**
     * Demands more.
     *
     * @param n how many chunks
     */
    public void demand(long n) {
      demanded += n;
      subscription.request(n);
    }

    /** Cancels the subscription. */
    public void cancel() {
      subscription.cancel();
    }

    @Override
    public void onNext(LmChunk chunk) {
      synchronized (chunks) {
        chunks.add(chunk);
      }
    }

    @Override
    public void onError(Throwable error) {
      failure = error;
      endings++;
      end.countDown();
    }

    @Override
    public void onComplete() {
      endings++;
      end.countDown();
    }

    /**
     * Waits for the end.
     *
     * @throws InterruptedException if interrupted meanwhile
     */
    public void awaitEnd() throws InterruptedException {
      assertThat(end.await(PROMPTLY.toMillis(), TimeUnit.MILLISECONDS)).as("stream ended").isTrue();
    }

    /**
     * Tells whether the stream has ended.
     *
     * @return whether onError or onComplete came
     */
    public boolean ended() {
      return endings > 0;
    }

    /**
     * Returns what ended it.
     *
     * @return the failure, or null
     */
    public Throwable failure() {
      return failure;
    }

    /**
     * Returns how often it ended.
     *
     * @return 1 for a proper stream
     */
    public int endings() {
      return endings;
    }

    /**
     * Returns how many chunks came.
     *
     * @return the number so far
     */
    public int size() {
      synchronized (chunks) {
        return chunks.size();
      }
    }

    /**
     * Returns the text so far.
     *
     * @return the text deltas of the first completion, joined
     */
    public String text() {
      StringBuilder text = new StringBuilder();
      synchronized (chunks) {
        for (LmChunk chunk : chunks) {
          if (chunk instanceof LmChunk.TextDelta delta && delta.index() == 0) {
            text.append(delta.text());
          }
        }
      }
      return text.toString();
    }
  }
}
