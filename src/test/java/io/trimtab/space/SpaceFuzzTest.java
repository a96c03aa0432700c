package io.trimtab.space;

import io.trimtab.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fuzzes the reading of space documents, and a reading with planted bugs. */
final class SpaceFuzzTest {

  @ParameterizedTest
  @ValueSource(strings = {"spaceOfAnyBytes", "spaceOfAnyParts"})
  @EnabledIfSystemProperty(named = "trimtab.profile", matches = "long")
  void target_fuzzedForLong_showsNothingUndocumented(String target) {
    Fuzzer.holds(SpaceFuzz.class, target);
  }

  @Test
  void plantedBugs_areFoundByParts() {
    Fuzzer.findsPlantedBugs(SpaceFuzz.class, "plantedInSpaces");
  }
}
