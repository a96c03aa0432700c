package planted.openai;

/** Planted: an annex. */
public final class Annex {}
