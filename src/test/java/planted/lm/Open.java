package planted.lm;

/** Planted: a public class that anyone can subclass, with a static that anyone can change. */
public class Open {
  static int counter;
}
