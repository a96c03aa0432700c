package planted.study;

/** Planted: a user of an annex. */
final class UsesAnnex {
  final planted.openai.Annex annex = new planted.openai.Annex();
}
