package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PersistentListTest {

  @Test
  void randomChanges_equalThoseOfAnArrayList_andLeaveOldListsAlone() {
    SplittableRandom random = new SplittableRandom(3);
    PersistentList<Integer> list = PersistentList.empty();
    List<Integer> model = new ArrayList<>();
    List<PersistentList<Integer>> kept = new ArrayList<>();
    List<List<Integer>> expected = new ArrayList<>();
    for (int step = 0;
        step < 40_000;
        step++) { // beyond 32 * 32 * 32, so that the trie has three levels
      if (model.isEmpty() || random.nextInt(10) < 9) {
        list = list.plus(step);
        model.add(step);
      } else {
        int index = random.nextInt(model.size());
        list = list.with(index, -step);
        model.set(index, -step);
      }
      if (step % 5_000 == 0) {
        kept.add(list);
        expected.add(List.copyOf(model));
      }
    }

    assertThat(list).isEqualTo(model);
    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(i)).isEqualTo(expected.get(i));
    }
  }

  @Test
  void everySizeAroundTheBordersOfTheTrie_isReadBack() {
    PersistentList<Integer> list = PersistentList.empty();
    for (int size = 1; size <= 32 * 32 * 2 + 40; size++) {
      list = list.plus(size);
      assertThat(list.get(0)).isEqualTo(1);
      assertThat(list.get(size - 1)).isEqualTo(size);
      assertThat(list.get(size / 2)).isEqualTo(size / 2 + 1);
    }
  }

  @Test
  void outsideTheList_isRefused() {
    PersistentList<Integer> list = PersistentList.copyOf(List.of(1, 2));

    assertThatThrownBy(() -> list.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> list.with(-1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> list.add(3)).isInstanceOf(UnsupportedOperationException.class);
  }
}
