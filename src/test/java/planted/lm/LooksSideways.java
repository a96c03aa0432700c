package planted.lm;

/** Planted: one column that uses another. */
final class LooksSideways {
  final planted.state.Store store = new planted.state.Store();
}
