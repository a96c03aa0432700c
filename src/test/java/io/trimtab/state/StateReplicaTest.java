package io.trimtab.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.trimtab.variable.Variable;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateReplicaTest {

  private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);

  private final LocalState owner = LocalState.create();
  private final StateReplica replica = new StateReplica("s1");

  @BeforeEach
  void follow() {
    owner.register(Variable.integer("counter", 0, 0, 100));
    owner.register(Variable.bool("flag", false));
    replica.replace(owner.exportState());
  }

  @AfterEach
  void close() {
    replica.close();
    owner.close();
  }

  private static RemoteSets sets(long revision, String[] keys, long[] versions, Object... values) {
    return new RemoteSets(revision, NOW, WriteContext.JVM, keys, versions, values);
  }

  @Test
  void sets_areOneCommit_underTheWritersKeys() throws Exception {
    CompletableFuture<ChangeSet> told = new CompletableFuture<>();
    String id = owner.get("flag").id();
    try (Watch watch = replica.watch(WatchRequest.matching("*").build(), told::complete)) {
      Commit commit =
          replica.apply(sets(3, new String[] {"counter", id}, new long[] {2, 2}, 7L, true));

      assertThat(commit.revision()).isEqualTo(3);
      assertThat(commit.variables()).containsOnlyKeys("counter", id);
      assertThat(told.get(10, TimeUnit.SECONDS).changes())
          .extracting(Change::name, Change::newValue)
          .containsExactlyInAnyOrder(tuple("counter", 7L), tuple("flag", true));
    }
    VariableState counter = replica.find("counter");
    assertThat(List.of(counter.value(), counter.version(), counter.revision(), counter.updatedAt()))
        .containsExactly(7L, 2L, 3L, NOW);
    assertThat(replica.history("flag")).hasSize(2);
  }

  @Test
  void setsThatDoNotFollow_changeNothing() {
    String[] both = {"counter", "flag"};
    assertThatThrownBy(() -> replica.apply(sets(4, both, new long[] {2, 2}, 7L, true)))
        .isInstanceOf(ReplicaGapException.class)
        .hasMessage("replica: expected revision 3, got 4");
    assertThatThrownBy(() -> replica.apply(sets(3, both, new long[] {2, 3}, 7L, true)))
        .isInstanceOf(ReplicaGapException.class)
        .hasMessage("replica: expected version 2 of flag, got 3");
    assertThatThrownBy(
            () -> replica.apply(sets(3, new String[] {"counter", "x"}, new long[] {2, 2}, 7L, 1L)))
        .isInstanceOf(ReplicaGapException.class)
        .hasMessage("replica: revision 3 sets x, which it does not hold");
    assertThatThrownBy(
            () ->
                replica.apply(
                    sets(3, new String[] {"flag", "flag"}, new long[] {2, 3}, true, false)))
        .hasMessage("replica: revision 3 sets a variable twice among 2 keys");
    assertThatThrownBy(() -> sets(3, both, new long[] {2}, 7L, true))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(replica.revision()).isEqualTo(2);
    assertThat(replica.find("counter").value()).isEqualTo(0L);
    replica.apply(sets(3, both, new long[] {2, 2}, 7L, true));
    assertThat(replica.find("flag").value()).isEqualTo(true);
  }
}
