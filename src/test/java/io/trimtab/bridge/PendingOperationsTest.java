package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.bridge.wire.ClientFrame;
import io.trimtab.bridge.wire.Event;
import io.trimtab.bridge.wire.Operation;
import io.trimtab.bridge.wire.Result;
import io.trimtab.bridge.wire.SetColumns;
import io.trimtab.state.Batch;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingOperationsTest {

  private final PendingOperations operations = new PendingOperations();

  private Pending add() {
    return operations.add(Operation.newBuilder(), null);
  }

  private static List<Long> sequences(ClientFrame frame) {
    return frame.getOperationsList().stream().map(Operation::getSequence).toList();
  }

  private static Result result(Pending pending) {
    return Result.newBuilder().setSequence(pending.sequence()).build();
  }

  @Test
  void thirdFrame_waitsForTheResultsOfTheFirst() {
    Pending first = add();
    assertThat(sequences(operations.nextFrame())).containsExactly(1L);
    add();
    assertThat(sequences(operations.nextFrame())).containsExactly(2L);
    add();
    add();
    assertThat(operations.isSendable()).isFalse();
    assertThat(operations.nextFrame()).isNull();

    assertThat(operations.finished(List.of(result(first)))).containsExactly(first);

    assertThat(sequences(operations.nextFrame())).containsExactly(3L, 4L);
  }

  @Test
  void acknowledged_isBelowWhatSomebodyWaitsFor() {
    Pending first = add();
    Pending second = add();
    operations.nextFrame();
    add();

    operations.finished(List.of(result(second)));
    assertThat(operations.acknowledged()).isZero();
    operations.finished(List.of(result(first)));
    assertThat(operations.acknowledged()).isEqualTo(2);
    assertThat(operations.nextFrame().getAcknowledged()).isEqualTo(2);
  }

  @Test
  void barrier_isSharedUntilItIsSent() {
    Pending barrier = operations.barrier();

    assertThat(operations.barrier()).isSameAs(barrier);
    operations.nextFrame();
    assertThat(operations.barrier()).isNotSameAs(barrier);
  }

  @Test
  void operationsOfABrokenStream_goOutAgain_beforeAllOthers() {
    add();
    add();
    operations.nextFrame();
    add();

    operations.interrupt();
    operations.sendAgain(operations.takeSent());

    assertThat(sequences(operations.nextFrame())).containsExactly(1L, 2L, 3L);
  }

  @Test
  void plainSets_shareTheColumnsOfTheirFrame() {
    operations.add(new PlainSet("a", 1L, 0), Batch.builder().build());
    Pending message = add();
    operations.add(new PlainSet("b", "x", 7), Batch.builder().build());

    ClientFrame frame = operations.nextFrame();

    assertThat(sequences(frame)).containsExactly(message.sequence());
    assertThat(frame.getSets().getSequencesList()).containsExactly(1L, 3L);
    SetColumns columns = frame.getSets().getColumns();
    assertThat(columns.getKeysList()).containsExactly("a", "b");
    assertThat(columns.getExpectedVersionsList()).containsExactly(0L, 7L);
    assertThat(WireColumns.values(columns)).containsExactly(1L, "x");
  }

  @Test
  void sentOfARun_isWhatHasNoResultYet() {
    Pending set = operations.add(new PlainSet("a", 1L, 0), Batch.builder().build());
    operations.nextFrame();
    Event run = Event.newBuilder().addSequences(set.sequence()).addSequences(99).build();

    assertThat(operations.sent(run)).containsExactly(set, null);
    operations.finished(List.of(result(set)));
    assertThat(operations.sent(run)).containsOnlyNulls();
  }

  @Test
  void abandoned_tellsWhetherItWasSent() {
    Pending sent = add();
    operations.nextFrame();
    Pending waiting = add();

    assertThat(operations.abandon(sent)).isTrue();
    assertThat(operations.abandon(waiting)).isFalse();

    assertThat(operations.finished(List.of(result(sent)))).containsOnlyNulls();
    assertThat(operations.nextFrame()).isNull();
  }

  @Test
  void closed_returnsWhatThereWas_andTakesNothing() {
    Pending sent = add();
    operations.nextFrame();
    Pending waiting = add();

    assertThat(operations.close()).containsExactly(sent, waiting);
    assertThat(add()).isNull();
    assertThat(operations.barrier()).isNull();
  }
}
