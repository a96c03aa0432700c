package io.trimtab.openai;

import io.trimtab.lm.Completion;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Usage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts a response together from the one document or the many events it comes in. */
final class Answer {

  private static final int MAX_CHOICES = 1024;

  private final boolean thinkTags;
  private final int wanted;
  private final TextBudget budget;
  private final Consumer<LmChunk> chunks;
  private final List<Choice> choices = new ArrayList<>(1);
  private @Nullable String id;
  private @Nullable String model;
  private Usage usage = Usage.UNKNOWN;

  /**
   * Creates an empty answer.
   *
   * @param thinkTags whether leading {@code <think>} tags are reasoning
   * @param wanted how many completions were asked for
   * @param maxCharacters how much text to keep before refusing more
   * @param chunks is given every piece at once
   */
  Answer(boolean thinkTags, int wanted, long maxCharacters, Consumer<LmChunk> chunks) {
    this.thinkTags = thinkTags;
    this.wanted = wanted;
    this.budget = new TextBudget(maxCharacters);
    this.chunks = chunks;
  }

  void add(ChatEvent event) throws IOException {
    id = event.id == null || event.id.isEmpty() ? id : event.id;
    model = event.model == null || event.model.isEmpty() ? model : event.model;
    usage = event.usage == null ? usage : event.usage;
    for (int i = 0; i < event.choices.size(); i++) {
      ChatEvent.ChoicePart part = event.choices.get(i);
      choice(part.index >= 0 ? part.index : i).add(part);
    }
  }

  private Choice choice(int index) throws IOException {
    for (Choice choice : choices) {
      if (choice.index() == index) {
        return choice;
      }
    }
    if (choices.size() >= MAX_CHOICES) {
      throw new IOException("the response has more than %d completions".formatted(MAX_CHOICES));
    }
    Choice choice = new Choice(index, thinkTags, budget, chunks);
    choices.add(choice);
    return choice;
  }

  /** Tells whether every completion that was asked for has said why it ended. */
  boolean isFinished() {
    return choices.size() >= wanted && choices.stream().allMatch(Choice::isFinished);
  }

  /**
   * Tells whether at least one completion has begun and every one that has begun has said why it
   * ended.
   */
  boolean isFinishedAsFarAsBegun() {
    return !choices.isEmpty() && choices.stream().allMatch(Choice::isFinished);
  }

  /**
   * Returns the whole response.
   *
   * @throws io.trimtab.lm.LmException if what came is no usable answer
   */
  LmResponse response(String modelAsked, Duration latency, Failures failures) {
    if (choices.isEmpty()) {
      throw failures.malformed("expected at least one completion, got a response without choices");
    }
    choices.sort(Comparator.comparingInt(Choice::index));
    List<Completion> completions = new ArrayList<>(choices.size());
    for (Choice choice : choices) {
      completions.add(choice.completion(failures));
    }
    return new LmResponse(
        completions, usage, model == null ? modelAsked : model, id, latency, /* cached= */ false);
  }
}
