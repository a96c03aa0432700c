package io.trimtab.state;

import io.trimtab.Fuzzer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fuzzes the import of states, and a reader with planted bugs. */
final class ImportFuzzTest {

  static List<String> targets() {
    List<String> every = List.of("importOfAnyBytes", "importOfAnyRecords");
    List<String> more = List.of("importOfADamagedExport", "importOfAnyState", "jsonOfAnyBytes");
    return Fuzzer.LONG ? Stream.concat(every.stream(), more.stream()).toList() : every;
  }

  @ParameterizedTest
  @MethodSource("targets")
  void target_fuzzedForAWhile_showsNothingUndocumented(String target) {
    Fuzzer.holds(ImportFuzz.class, target);
  }

  @Test
  void plantedBugs_areFoundByRecordInputs() {
    Fuzzer.findsPlantedBugs(PlantedBugs.class, "readOfAnyRecords");
  }
}
