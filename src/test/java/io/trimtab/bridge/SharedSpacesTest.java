package io.trimtab.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.session.ConfigurationNotFoundException;
import io.trimtab.session.LocalSpaceException;
import io.trimtab.session.Session;
import io.trimtab.space.ConfigurationSpace;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.variable.Variable;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spaces that one JVM registers and another one knows: two sessions of one id on one sidecar. */
@RequiresPython
@Timeout(120)
class SharedSpacesTest {

  private static final ConfigurationSpace AGENT =
      ConfigurationSpace.named("agent")
          .integer("max_iters", 5, 3, 10)
          .floating("heat", 0.7, 0.0, 1.5)
          .require("heat <= 1.0 || max_iters <= 5", "hot agents stop early")
          .build();

  private Session one;
  private Session other;

  @BeforeEach
  void open() {
    String id = "spaces-" + UUID.randomUUID();
    one = open(id);
    other = open(id);
  }

  private static Session open(String id) {
    Session session =
        Session.builder().id(id).bridge(new BridgedStateFactory(TestSidecars.shared())).open();
    session.ensureBridged();
    return session;
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  @Test
  void registeredElsewhere_isFoundAtOnce() {
    one.register(AGENT);

    assertThat(other.configurations()).containsExactly("agent");
    assertThat(other.configuration("agent").space()).isEqualTo(AGENT);
    assertThat(other.configuration("agent").apply(Map.of("heat", 1.2)).configuration().get("heat"))
        .isEqualTo(1.2);
    assertThat(one.configuration("agent").current().get("heat")).isEqualTo(1.2);
  }

  /** Its members may have been there before, so no variable tells of it. */
  @Test
  void registeredElsewhere_guardsPlainWritesHere() {
    one.register(Variable.integer("max_iters", 5, 3, 10));
    one.register(Variable.floating("heat", 0.7, 0.0, 1.5));
    other.set("heat", 0.9); // both know the variables, and no space

    one.register(AGENT);
    one.setAll(Map.of("heat", 1.4, "max_iters", 4));
    assertThat(other.getDouble("heat")).isEqualTo(1.4); // so it has been told of the space, too

    assertThatThrownBy(() -> other.set("max_iters", 9))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("hot agents stop early");
    assertThatThrownBy(() -> other.setAll(Map.of("heat", 1.5, "max_iters", 6)))
        .isInstanceOf(InvalidConfigurationException.class);
    assertThat(one.getLong("max_iters")).isEqualTo(4);
    assertThat(other.set("max_iters", 5).value()).isEqualTo(5L);
  }

  @Test
  void unregisteredElsewhere_guardsNoMore() {
    one.register(AGENT);
    assertThat(other.configurations()).containsExactly("agent");

    one.unregister("agent");

    other.setAll(Map.of("heat", 1.4, "max_iters", 9));
    assertThat(one.getLong("max_iters")).isEqualTo(9);
    assertThat(other.configurations()).isEmpty();
    assertThatThrownBy(() -> other.configuration("agent"))
        .isInstanceOf(ConfigurationNotFoundException.class);
    assertThatThrownBy(() -> other.unregister("agent"))
        .isInstanceOf(ConfigurationNotFoundException.class);
  }

  /** Who would hold the others' writes against a rule that only one JVM can judge? */
  @Test
  void spaceWithRulesInJava_isRefusedByASharedState() {
    ConfigurationSpace local =
        ConfigurationSpace.named("local")
            .integer("even", 2, 0, 10)
            .require("even", values -> (Long) values.get("even") % 2 == 0, "is even")
            .build();

    assertThatThrownBy(() -> one.register(local)).isInstanceOf(LocalSpaceException.class);
    assertThat(one.find("even")).isNull();
  }
}
