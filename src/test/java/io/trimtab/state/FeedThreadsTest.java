package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FeedThreadsTest {

  @Test
  void run_manyQuickTasks_shareAFewThreads() throws InterruptedException {
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(10_000);
    try (FeedThreads threads = new FeedThreads((ScheduledExecutorService) null)) {
      for (int i = 0; i < 10_000; i++) {
        threads.run(
            () -> {
              used.add(Thread.currentThread());
              all.countDown();
            });
      }

      assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(used).hasSizeLessThan(100);
  }

  @Test
  void run_manyThatBlock_doNotStarveTheOneBehindThem() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch last = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(50);
    try (FeedThreads threads = new FeedThreads((ScheduledExecutorService) null)) {
      for (int i = 0; i < 50; i++) {
        threads.run(
            () -> {
              await(release);
              released.countDown();
            });
      }
      threads.run(last::countDown);

      assertThat(last.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(released.getCount()).isEqualTo(50);

      release.countDown();
      assertThat(released.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void close_runsNothingMoreAndLeavesNoThread() throws InterruptedException {
    FeedThreads threads = new FeedThreads((ScheduledExecutorService) null);
    List<Thread> used = new ArrayList<>();
    CountDownLatch ran = new CountDownLatch(1);
    threads.run(
        () -> {
          used.add(Thread.currentThread());
          ran.countDown();
        });
    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();

    threads.close();
    threads.run(() -> used.add(Thread.currentThread()));

    used.get(0).join(TimeUnit.SECONDS.toMillis(30));
    assertThat(used).hasSize(1);
    assertThat(used.get(0).isAlive()).isFalse();
  }
}
