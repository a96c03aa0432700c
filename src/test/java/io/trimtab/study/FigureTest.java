package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FigureTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "0.7, 0.7",
    "0.66964, 0.6696",
    "-12.345, -12.35",
    "77, 77",
    "100, 100",
    "1469, 1469",
    "999999.5, 1000000",
    "1234567, 1.23e+06",
    "0.000123, 0.000123",
    "NaN, NaN"
  })
  void number_isShownWithFourDigitsAtMost_andNoZeroTooMany(double number, String shown) {
    assertThat(Figure.of(number)).isEqualTo(shown);
  }
}
