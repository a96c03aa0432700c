package io.trimtab.openai;

import io.trimtab.json.Json;
import io.trimtab.json.JsonException;
import io.trimtab.lm.LmChunk;
import io.trimtab.lm.ToolCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts a completion's tool calls together from pieces whose indices cannot be trusted. */
final class ToolCalls {
  /*
   * A piece belongs to the call with its id. Without one it belongs to the latest call at its
   * index, or, without an index, to the latest call at all. It begins a new call if its id is new
   * (even if the index is taken: several servers give parallel calls one index), or if it brings
   * a name to a call that already has one and whose arguments are a whole JSON value.
   */

  private static final int MAX_CALLS = 1024;

  /** A call as far as it has come. */
  private static final class Call {
    final int index;
    @Nullable String id;
    @Nullable String name;
    final Text arguments = new Text();

    Call(int index) {
      this.index = index;
    }
  }

  private final int completion;
  private final Consumer<LmChunk> chunks;
  private final List<Call> calls = new ArrayList<>(0);

  ToolCalls(int completion, Consumer<LmChunk> chunks) {
    this.completion = completion;
    this.chunks = chunks;
  }

  boolean isEmpty() {
    return calls.isEmpty();
  }

  void add(ChatEvent.ToolPart part) throws IOException {
    int place = place(part);
    boolean begins = place < 0;
    if (begins) {
      if (calls.size() >= MAX_CALLS) {
        throw new IOException("the response has more than %d tool calls".formatted(MAX_CALLS));
      }
      place = calls.size();
      calls.add(new Call(part.index));
    }
    Call call = calls.get(place);
    String newId = call.id == null ? part.id : null;
    String newName = call.name == null ? part.name : null;
    call.id = newId == null ? call.id : newId;
    call.name = newName == null ? call.name : newName;
    call.arguments.add(part.arguments);
    // A piece's id is told with the first piece even if the server sends none, so that the pieces
    // can be told apart.
    chunks.accept(
        new LmChunk.ToolCallDelta(
            completion,
            place,
            begins && newId == null ? standIn(place) : newId,
            newName,
            part.arguments));
  }

  private int place(ChatEvent.ToolPart part) {
    int known = latest(call -> part.id != null && part.id.equals(call.id));
    if (known >= 0) {
      return known;
    }
    int neighbour = part.index < 0 ? calls.size() - 1 : latest(call -> call.index == part.index);
    if (neighbour < 0) {
      boolean nameless = part.id == null && part.name == null;
      return nameless ? calls.size() - 1 : -1;
    }
    return continues(calls.get(neighbour), part) ? neighbour : -1;
  }

  private interface Test {
    boolean fits(Call call);
  }

  private int latest(Test test) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      if (test.fits(calls.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean continues(Call call, ChatEvent.ToolPart part) {
    if (part.id != null && call.id != null) {
      return false; // both have one, and they differ
    }
    boolean secondName = part.name != null && call.name != null;
    return !secondName || !isWhole(call.arguments.toString());
  }

  private static boolean isWhole(String arguments) {
    try {
      Json.parse(arguments);
      return true;
    } catch (JsonException e) {
      return false;
    }
  }

  private static String standIn(int place) {
    return "call_" + place;
  }

  List<ToolCall> toList(Failures failures) {
    if (calls.isEmpty()) {
      return List.of();
    }
    List<ToolCall> list = new ArrayList<>(calls.size());
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      if (call.name == null) {
        throw failures.malformed("expected every tool call to name its tool, got one without name");
      }
      String id = call.id == null ? standIn(i) : call.id;
      list.add(new ToolCall(id, call.name, call.arguments.toString()));
    }
    return list;
  }
}
