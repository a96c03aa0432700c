package planted.state;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;

/** Planted: a class that breaks the small rules. */
final class StoreManager {
  private final ThreadLocal<String> hidden = new ThreadLocal<>();

  Object read(InputStream in) throws IOException, ClassNotFoundException {
    hidden.set("now " + System.nanoTime());
    System.out.println(hidden.get());
    return new ObjectInputStream(in).readObject();
  }
}
