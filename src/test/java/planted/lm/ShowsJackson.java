package planted.lm;

import com.fasterxml.jackson.core.JsonParser;
import java.util.List;

/** Planted: a library's type in a public signature. */
public final class ShowsJackson {
  /** Takes a library's type. */
  public void read(List<JsonParser> parsers) {}
}
