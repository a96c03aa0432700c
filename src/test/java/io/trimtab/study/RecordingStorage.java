package io.trimtab.study;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps a log in memory that several studies may share, and lets a test wait for a line. */
final class RecordingStorage implements StudyStorage {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final List<String> lines = new ArrayList<>(); // guarded by lock

  List<String> lines() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  void awaitLine(String part) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(10);
      while (lines.stream().noneMatch(line -> line.contains(part))) {
        left = added.awaitNanos(left);
        if (left <= 0) {
          throw new AssertionError("no line with " + part + " within 10 seconds: " + lines);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StudyLog open(String study) {
    return new StudyLog() {
      private int known;

      @Override
      public List<String> read() {
        lock.lock();
        try {
          List<String> unread = List.copyOf(lines.subList(known, lines.size()));
          known = lines.size();
          return unread;
        } finally {
          lock.unlock();
        }
      }

      @Override
      public boolean append(String line) {
        lock.lock();
        try {
          if (known < lines.size()) {
            return false;
          }
          lines.add(line);
          known++;
          added.signalAll();
          return true;
        } finally {
          lock.unlock();
        }
      }

      @Override
      public boolean exclusive() {
        return false;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public String toString() {
    return "memory";
  }
}
