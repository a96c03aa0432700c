package io.trimtab.study;

import io.trimtab.space.Configuration;
import java.util.List;
import java.util.Map;

/** One thing that happened to a study; the study is what its events add up to. */
sealed interface StudyEvent {

  /** A trial was enqueued; {@code retryOf} is -1 if it repeats none. */
  record Enqueued(
      int number,
      Configuration configuration,
      Trial.Start start,
      int retryOf,
      Map<String, String> attributes)
      implements StudyEvent {}

  /** A new trial was asked for. */
  record Begun(
      int number, Configuration configuration, Trial.Start start, Map<String, String> attributes)
      implements StudyEvent {}

  /** A waiting trial was asked for. */
  record Resumed(int number, Trial.Start start) implements StudyEvent {}

  /** A trial said how good it is on its way. */
  record Reported(int number, IntermediateValue value) implements StudyEvent {}

  /** A trial was told, or given up. */
  record Ended(int number, Trial.End end, Map<String, String> attributes) implements StudyEvent {}

  /** Something was noted about a trial. */
  record TrialNoted(int number, String key, String value) implements StudyEvent {}

  /** Something was noted about the study. */
  record StudyNoted(String key, String value) implements StudyEvent {}

  /** Some trials showed that they are alive. */
  record Beat(List<Integer> numbers) implements StudyEvent {}
}
