package io.trimtab.state;

import static io.trimtab.ModelCheck.call;

import io.trimtab.ModelCheck;
import io.trimtab.ModelCheck.Call;
import io.trimtab.variable.Variable;
import io.trimtab.variable.VariableNotFoundException;
import java.time.Instant;
import java.util.List;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Model-checks {@link LocalState}: whatever the interleaving, each operation takes effect at one
 * instant between its call and its return.
 *
 * <p>Wrong states are planted, each the real one with one operation done in a way that looks right;
 * the same scenarios must find them.
 */
final class LocalStateLincheckTest {

  private static final List<Variable<Boolean>> VARIABLES =
      List.of(Variable.bool("a", false), Variable.bool("b", false));

  /** Two flags that exist at the beginning; every reply is a line of text. */
  @Param(name = "variable", gen = IntGen.class, conf = "0:1")
  @Param(name = "value", gen = BooleanGen.class)
  @Param(name = "version", gen = IntGen.class, conf = "1:2")
  public static class Real {

    final LocalState state =
        LocalState.builder("local")
            .clock(() -> Instant.EPOCH)
            .feedThreads(new FeedThreads(Runnable::run))
            .build();

    public Real() {
      VARIABLES.forEach(state::register);
    }

    @Operation
    public String get(@Param(name = "variable") int variable) {
      return show(state.find(name(variable)));
    }

    @Operation
    public String getMany() {
      StateSnapshot seen = state.getMany(List.of("a", "b"));
      return show(seen.find("a")) + " " + show(seen.find("b"));
    }

    @Operation
    public String set(
        @Param(name = "variable") int variable, @Param(name = "value") boolean value) {
      try {
        return show(state.set(name(variable), value));
      } catch (VariableNotFoundException e) {
        return "not found";
      }
    }

    @Operation
    public String setBoth(@Param(name = "value") boolean value) {
      try {
        Commit commit = state.commit(Batch.builder().set("a", value).set("b", value).build());
        return show(commit.variables().get("a")) + " " + show(commit.variables().get("b"));
      } catch (VariableNotFoundException e) {
        return "not found";
      }
    }

    @Operation
    public String compareAndSet(
        @Param(name = "variable") int variable,
        @Param(name = "value") boolean value,
        @Param(name = "version") int version) {
      try {
        return show(state.compareAndSet(name(variable), value, version, WriteContext.JVM));
      } catch (VariableNotFoundException e) {
        return "not found";
      } catch (VersionConflictException e) {
        return "conflict";
      }
    }

    @Operation
    public String delete(@Param(name = "variable") int variable) {
      try {
        return show(state.delete(name(variable)));
      } catch (VariableNotFoundException e) {
        return "not found";
      }
    }

    @Operation
    public String register(@Param(name = "variable") int variable) {
      try {
        return show(state.register(VARIABLES.get(variable)));
      } catch (VariableAlreadyExistsException e) {
        return "exists";
      }
    }

    static String name(int variable) {
      return variable == 0 ? "a" : "b";
    }

    static String show(@Nullable VariableState state) {
      return state == null ? "none" : show((Boolean) state.value(), state.version());
    }

    static String show(boolean value, long version) {
      return value + "@" + version;
    }
  }

  /** What callers may assume. */
  public static final class Specification {

    private final boolean[] exists = {true, true};
    private final boolean[] values = {false, false};
    private final int[] versions = {1, 1};

    public String get(int variable) {
      return exists[variable] ? Real.show(values[variable], versions[variable]) : "none";
    }

    public String getMany() {
      return get(0) + " " + get(1);
    }

    public String set(int variable, boolean value) {
      if (!exists[variable]) {
        return "not found";
      }
      values[variable] = value;
      versions[variable]++;
      return get(variable);
    }

    public String setBoth(boolean value) {
      return exists[0] && exists[1] ? set(0, value) + " " + set(1, value) : "not found";
    }

    public String compareAndSet(int variable, boolean value, int version) {
      return exists[variable] && versions[variable] != version ? "conflict" : set(variable, value);
    }

    public String delete(int variable) {
      if (!exists[variable]) {
        return "not found";
      }
      String last = get(variable);
      exists[variable] = false;
      return last;
    }

    public String register(int variable) {
      if (exists[variable]) {
        return "exists";
      }
      exists[variable] = true;
      return set(variable, false);
    }
  }

  /** Planted: a batch is its writes one by one. */
  public static final class TornBatch extends Real {
    @Override
    public String setBoth(boolean value) {
      try {
        VariableState b = state.get("b");
        return show(state.set("a", value)) + " " + show(state.set(b.id(), value));
      } catch (VariableNotFoundException e) {
        return "not found";
      }
    }
  }

  /** Planted: a cache that a writer clears before it writes instead of after. */
  public static final class StaleRead extends Real {
    private volatile @Nullable String cached;

    @Override
    public String get(int variable) {
      if (variable != 0) {
        return super.get(variable);
      }
      String hit = cached;
      if (hit == null) {
        hit = super.get(variable);
        cached = hit;
      }
      return hit;
    }

    @Override
    public String set(int variable, boolean value) {
      cached = null;
      return super.set(variable, value);
    }

    @Override
    public String setBoth(boolean value) {
      String reply = super.setBoth(value);
      cached = null;
      return reply;
    }

    @Override
    public String compareAndSet(int variable, boolean value, int version) {
      String reply = super.compareAndSet(variable, value, version);
      cached = null;
      return reply;
    }

    @Override
    public String delete(int variable) {
      String reply = super.delete(variable);
      cached = null;
      return reply;
    }

    @Override
    public String register(int variable) {
      String reply = super.register(variable);
      cached = null;
      return reply;
    }
  }

  /** Planted: a writer works out its version from what it saw before it wrote. */
  public static final class ReusedVersion extends Real {
    @Override
    public String set(int variable, boolean value) {
      VariableState before = state.find(name(variable));
      String reply = super.set(variable, value);
      return before == null || reply.equals("not found")
          ? reply
          : show(value, before.version() + 1);
    }
  }

  private static ModelCheck everyPairOfOperations() {
    ModelCheck check =
        ModelCheck.against(Specification.class, 100)
            .switchingWithin(
                LocalStateLincheckTest.class,
                StateProvider.class,
                LocalState.class,
                Store.class,
                Cell.class,
                CommittedRevision.class,
                DocumentShelf.class,
                PlainSets.class,
                BatchPlan.class,
                StagedWrite.class,
                ChangeFeed.class);
    List<Call> existing =
        List.of(
            call("get", 0),
            call("getMany"),
            call("set", 0, true),
            call("setBoth", true),
            call("compareAndSet", 0, true, 1),
            call("delete", 0));
    List<Call> afterwards = List.of(call("get", 0), call("getMany"));
    for (int i = 0; i < existing.size(); i++) {
      for (Call other : existing.subList(i, existing.size())) {
        check.scenario(List.of(), List.of(existing.get(i)), List.of(other), afterwards);
      }
      check.scenario(
          List.of(call("delete", 0)),
          List.of(call("register", 0)),
          List.of(existing.get(i)),
          afterwards);
    }
    return check;
  }

  @Test
  void localState_isLinearizable() {
    everyPairOfOperations().check(Real.class);
  }

  @Test
  void tornBatch_isFound() {
    everyPairOfOperations().checkFinds(TornBatch.class);
  }

  @Test
  void staleRead_isFound() {
    everyPairOfOperations().checkFinds(StaleRead.class);
  }

  @Test
  void reusedVersion_isFound() {
    everyPairOfOperations().checkFinds(ReusedVersion.class);
  }
}
