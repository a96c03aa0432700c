package io.trimtab.program;

import io.trimtab.lm.Completion;
import io.trimtab.lm.FinishReason;
import io.trimtab.lm.LanguageModel;
import io.trimtab.lm.LmOptions;
import io.trimtab.lm.LmRequest;
import io.trimtab.lm.LmResponse;
import io.trimtab.lm.Message;
import io.trimtab.program.Attempt.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One question to a model, up to the answer that can be read. For one thread at a time. */
final class PredictCall {
  /*
   * A state machine, so that blocking and asynchronous runs share it: a request goes out, a response comes in, and
   * either another request follows or the answer is there. Order: the question; repairs in the same format, which show
   * the model its answer and what is wrong with it; the question in the fallback's format. An answer cut off by the
   * limit of tokens would be cut off again, so it ends the call at once.
   */

  /** What a call needs to know; never changes. */
  record Plan(
      String predictor,
      Signature signature,
      List<Demonstration> demonstrations,
      FieldValues inputs,
      Adapter adapter,
      @Nullable Adapter fallback,
      int repairs,
      LanguageModel model,
      LmOptions options) {}

  private final Plan plan;
  private final List<Attempt> attempts = new ArrayList<>();
  private Adapter adapter;
  private Kind kind = Kind.FIRST;
  private int repairsLeft;
  private LmRequest request;
  private List<FieldValues> answers = List.of();

  PredictCall(Plan plan) {
    this.plan = plan;
    this.adapter = plan.adapter();
    this.repairsLeft = plan.repairs();
    this.request = question(adapter);
  }

  LmRequest request() {
    return request;
  }

  /** Takes a response; returns whether the answer is there, else {@link #request} is next. */
  boolean accept(LmResponse response) {
    List<FieldValues> read = new ArrayList<>();
    UnreadableAnswerException problem = null;
    for (Completion completion : response.completions()) {
      try {
        read.add(adapter.parse(plan.signature(), completion.text()));
      } catch (UnreadableAnswerException e) {
        problem = problem == null ? explained(e, completion) : problem;
      }
    }
    if (problem == null || !read.isEmpty()) {
      note(response, null);
      answers = read;
      return true;
    }
    note(response, String.join("; ", problem.problems()));
    continueAfter(problem, response);
    return false;
  }

  private static UnreadableAnswerException explained(
      UnreadableAnswerException e, Completion completion) {
    if (completion.finishReason() != FinishReason.LENGTH) {
      return e;
    }
    List<String> problems = new ArrayList<>(e.problems());
    problems.add("the answer was cut off by the limit of tokens (max_tokens)");
    return new UnreadableAnswerException(e.adapter(), e.rawText(), e.partial(), problems);
  }

  private void note(LmResponse response, @Nullable String problem) {
    attempts.add(new Attempt(kind, adapter.name(), request, response, problem));
  }

  private void continueAfter(UnreadableAnswerException problem, LmResponse response) {
    boolean cutOff = response.completions().get(0).finishReason() == FinishReason.LENGTH;
    Adapter fallback = plan.fallback();
    if (!cutOff && repairsLeft > 0) {
      repairsLeft--;
      kind = Kind.REPAIR;
      request = repair(problem);
    } else if (!cutOff && fallback != null && kind != Kind.FALLBACK) {
      kind = Kind.FALLBACK;
      repairsLeft = 0;
      adapter = fallback;
      request = question(fallback);
    } else {
      throw problem.after(attempts, plan.predictor());
    }
  }

  private LmRequest question(Adapter by) {
    return new LmRequest(
        by.prompt(plan.signature(), plan.demonstrations(), plan.inputs()),
        List.of(),
        by.responseFormat(plan.signature(), plan.model().capabilities()),
        plan.options());
  }

  private LmRequest repair(UnreadableAnswerException problem) {
    List<Message> messages = new ArrayList<>(request.messages());
    if (!problem.rawText().isBlank()) { // servers refuse an empty turn
      messages.add(Message.assistant(problem.rawText()));
    }
    messages.add(
        Message.user(
            "Your answer could not be read:\n- %s\n\n%s"
                .formatted(
                    String.join("\n- ", problem.problems()),
                    adapter.requirements(plan.signature()))));
    return new LmRequest(messages, request.tools(), request.responseFormat(), request.options());
  }

  Prediction prediction() {
    return Prediction.of(answers, attempts);
  }

  List<Attempt> attempts() {
    return attempts;
  }
}
