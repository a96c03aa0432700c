package planted.lm;

/** Planted: a lower floor that uses the roof, which also closes a cycle. */
final class LooksUp {
  final planted.study.Roof roof = new planted.study.Roof();
}
