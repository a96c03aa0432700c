package io.trimtab.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reading an object key by key, with errors that name the path. */
final class JsonObjectTest {

  private static final JsonObject OBJECT =
      Json.parseObject(
          "{\"text\":\"t\",\"number\":1.5,\"integer\":7,\"flag\":true,\"nothing\":null,"
              + "\"list\":[1,2],\"words\":[\"a\",\"b\"],\"object\":{\"inner\":{\"x\":1}},"
              + "\"objects\":[{\"i\":0},{\"i\":1}],\"map\":{\"a\":\"b\"}}",
          JsonLimits.DEFAULT);

  @Test
  void readers_rightType_returnTheValue() {
    assertThat(OBJECT.string("text")).isEqualTo("t");
    assertThat(OBJECT.number("number")).isEqualTo(1.5);
    assertThat(OBJECT.number("integer")).isEqualTo(7.0);
    assertThat(OBJECT.integer("integer")).isEqualTo(7);
    assertThat(OBJECT.bool("flag")).isTrue();
    assertThat(OBJECT.list("list")).containsExactly(1L, 2L);
    assertThat(OBJECT.strings("words")).containsExactly("a", "b");
    assertThat(OBJECT.object("object").object("inner").integer("x")).isEqualTo(1);
    assertThat(OBJECT.objects("objects").stream().map(o -> o.integer("i"))).containsExactly(0L, 1L);
    assertThat(OBJECT.stringMap("map")).isEqualTo(Map.of("a", "b"));
    assertThat(OBJECT.has("nothing")).isFalse();
    assertThat(OBJECT.keys()).contains("nothing");
    assertThat(OBJECT.find("text")).isEqualTo("t");
  }

  @Test
  void optionalReaders_absentOrNull_fallBack() {
    for (String key : List.of("absent", "nothing")) {
      assertThat(OBJECT.stringOrNull(key)).isNull();
      assertThat(OBJECT.integer(key, 3)).isEqualTo(3);
      assertThat(OBJECT.number(key, 0.5)).isEqualTo(0.5);
      assertThat(OBJECT.bool(key, true)).isTrue();
      assertThat(OBJECT.objectOrEmpty(key).keys()).isEmpty();
      assertThat(OBJECT.objects(key)).isEmpty();
      assertThat(OBJECT.strings(key)).isEmpty();
      assertThat(OBJECT.stringMap(key)).isEmpty();
    }
  }

  @Test
  void readers_absent_nameTheKeyAndThePath() {
    assertThatThrownBy(() -> OBJECT.object("object").string("name"))
        .isInstanceOf(JsonException.class)
        .hasMessage("$.object: required key \"name\" is missing");
    for (Runnable read :
        List.<Runnable>of(
            () -> OBJECT.string("nothing"),
            () -> OBJECT.integer("nothing"),
            () -> OBJECT.number("nothing"),
            () -> OBJECT.bool("nothing"),
            () -> OBJECT.list("nothing"),
            () -> OBJECT.object("nothing"))) {
      assertThatThrownBy(read::run)
          .isInstanceOf(JsonException.class)
          .hasMessageContaining("\"nothing\" is missing");
    }
  }

  @Test
  void readers_wrongType_sayWhatWasExpectedWhatCameAndWhere() {
    assertThatThrownBy(() -> OBJECT.objects("objects").get(1).string("i"))
        .hasMessage("$.objects[1].i: expected a string, got 1");
    assertThatThrownBy(() -> OBJECT.integer("number"))
        .hasMessage("$.number: expected an integer, got 1.5");
    assertThatThrownBy(() -> OBJECT.integer("text"))
        .hasMessage("$.text: expected an integer, got \"t\"");
    assertThatThrownBy(() -> OBJECT.strings("list"))
        .hasMessage("$.list[0]: expected a string, got 1");
    assertThatThrownBy(() -> OBJECT.objects("words"))
        .hasMessage("$.words[0]: expected an object, got \"a\"");
    assertThatThrownBy(() -> OBJECT.stringMap("object")).hasMessageContaining("$.object.inner");
    assertThatThrownBy(() -> OBJECT.bool("text")).hasMessageContaining("true or false");
    assertThatThrownBy(() -> OBJECT.number("text")).hasMessageContaining("a number");
    assertThatThrownBy(() -> OBJECT.object("list")).hasMessageContaining("an object");
    assertThatThrownBy(() -> OBJECT.list("map")).hasMessageContaining("an array");
    assertThatThrownBy(() -> OBJECT.integer("text", 1)).isInstanceOf(JsonException.class);
    assertThatThrownBy(() -> JsonObject.of(List.of(), "$.x")).hasMessageContaining("$.x");
    assertThatThrownBy(() -> JsonObject.of(Map.of(1, 2), "$")).isInstanceOf(JsonException.class);
  }

  @Test
  void allowOnly_unknownKeys_areAllNamed() {
    JsonObject object = JsonObject.of(Map.of("b", 1, "a", 2, "known", 3), "$.o");

    assertThatThrownBy(() -> object.allowOnly(Set.of("known", "other")))
        .hasMessage("$.o: unknown key [a, b], expected only [known, other]");
    assertThat(object.allowOnly(Set.of("a", "b", "known"))).isSameAs(object);
  }

  @Test
  void mismatch_longValue_isShownShort() {
    assertThatThrownBy(() -> JsonObject.of(Map.of("x", "y".repeat(5000)), "$").integer("x"))
        .isInstanceOfSatisfying(
            JsonException.class, e -> assertThat(e.getMessage()).hasSizeLessThan(150));
  }
}
