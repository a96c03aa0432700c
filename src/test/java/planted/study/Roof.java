package planted.study;

/** Planted: something on the roof. */
public final class Roof {
  final planted.lm.Open below = new planted.lm.Open();
}
