package planted.state;

/** Planted: something in the keep. */
public final class Store {}
