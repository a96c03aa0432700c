package io.trimtab.state;

/** Finds out whether an exported state can be imported. */
final class ExportCheck {

  private ExportCheck() {}

  static void check(StateExport state) {
    if (state.revision() < 0) {
      throw new ImportException("revision: expected at least 0, got " + state.revision());
    }
  }
}
