package io.trimtab.state;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A small unmodifiable map in a given order, made without hashing; lookups in larger ones hash at
 * the first need.
 */
final class FrozenMap<V> extends AbstractMap<String, V> {

  private static final int SCANNED = 16;

  private final String[] keys;
  private final V[] values;

  /** Made at the first lookup in a large map; a race makes it twice, which does no harm. */
  private @Nullable Map<String, V> hashed;

  private FrozenMap(String[] keys, V[] values) {
    this.keys = keys;
    this.values = values;
  }

  /** Takes over two arrays of one length; the keys are distinct. */
  static <V> Map<String, V> of(String[] keys, V[] values) {
    return new FrozenMap<>(keys, values);
  }

  /** Returns an unmodifiable copy in the same order, or the map itself if it is one. */
  static <V> Map<String, V> copyOf(Map<String, V> map) {
    if (map instanceof FrozenMap) {
      return map;
    }
    if (map.isEmpty()) {
      return Map.of();
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  @Override
  public int size() {
    return keys.length;
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return get(key) != null;
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    if (keys.length > SCANNED) {
      return hashed().get(key);
    }
    for (int i = 0; i < keys.length; i++) {
      if (keys[i].equals(key)) {
        return values[i];
      }
    }
    return null;
  }

  private Map<String, V> hashed() {
    Map<String, V> map = hashed;
    if (map == null) {
      Map<String, V> made = new HashMap<>(keys.length * 2);
      for (int i = 0; i < keys.length; i++) {
        made.put(keys[i], values[i]);
      }
      map = Map.copyOf(made); // final fields make the racy publication safe
      hashed = map;
    }
    return map;
  }

  @Override
  public Set<Entry<String, V>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Entry<String, V>> {

    @Override
    public int size() {
      return keys.length;
    }

    @Override
    public Iterator<Entry<String, V>> iterator() {
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < keys.length;
        }

        @Override
        public Entry<String, V> next() {
          if (next == keys.length) {
            throw new NoSuchElementException();
          }
          int i = next++;
          return Map.entry(keys[i], values[i]);
        }
      };
    }
  }
}
