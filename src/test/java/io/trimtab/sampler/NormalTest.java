package io.trimtab.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NormalTest {

  @Test
  void cdf_knownArguments_givesTabulatedValues() {
    assertThat(Normal.cdf(0)).isEqualTo(0.5, within(1e-15));
    assertThat(Normal.cdf(1)).isEqualTo(0.841344746068543, within(1e-14));
    assertThat(Normal.cdf(-1.959963984540054)).isEqualTo(0.025, within(1e-14));
    assertThat(Normal.cdf(-8)).isEqualTo(6.220960574271785e-16, within(1e-22));
  }

  @Test
  void quantile_ofCdf_isTheIdentity() {
    for (double z = -6; z <= 6; z += 0.01) {
      assertThat(Normal.quantile(Normal.cdf(z))).isEqualTo(z, within(z > 5 ? 1e-6 : 1e-9));
    }
  }

  @Test
  void quantile_atTheEnds_isFinite() {
    assertThat(Normal.quantile(0)).isEqualTo(-38);
    assertThat(Normal.quantile(1)).isEqualTo(38);
  }
}
