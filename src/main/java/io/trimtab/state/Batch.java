package io.trimtab.state;

import io.trimtab.variable.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes that belong together: new variables, values, deletions and documents, with the versions
 * they expect.
 *
 * <pre>{@code
 * provider.commit(Batch.builder().set("temperature", 0.2).set("max_tokens", 512, 7L).build());
 * }</pre>
 *
 * @param registrations variables to register, in order, before the writes are applied
 * @param writes the writes, in order; no key is written twice
 * @param context who writes
 * @param bestEffort whether good writes are kept when others fail; otherwise all or nothing
 */
public record Batch(
    List<Variable<?>> registrations, List<Write> writes, WriteContext context, boolean bestEffort) {

  /** Most elements of one batch. */
  public static final int MAX_SIZE = 100_000;

  /**
   * Rejects a batch that writes one key twice or is too large.
   *
   * @param registrations variables to register, in order, before the writes are applied
   * @param writes the writes, in order; no key is written twice
   * @param context who writes
   * @param bestEffort whether good writes are kept when others fail; otherwise all or nothing
   */
  public Batch {
    registrations = List.copyOf(registrations);
    writes = List.copyOf(writes);
    if (registrations.size() + writes.size() > MAX_SIZE) {
      throw new IllegalArgumentException(
          "a batch has at most %d elements, got %d"
              .formatted(MAX_SIZE, registrations.size() + writes.size()));
    }
    rejectDuplicates(writes);
  }

  /** Hashes with open addressing: a batch is made for every write of a configuration. */
  private static void rejectDuplicates(List<Write> writes) {
    if (writes.size() < 2) {
      return;
    }
    Write[] slots = new Write[Integer.highestOneBit(writes.size()) * 4];
    int mask = slots.length - 1;
    for (Write write : writes) {
      int hash = write.key().hashCode();
      int slot = (hash ^ (hash >>> 16)) & mask;
      while (slots[slot] != null) {
        if (isSameSubject(slots[slot], write)) {
          throw new IllegalArgumentException(
              "a batch writes each key once, got \"%s\" twice".formatted(write.key()));
        }
        slot = (slot + 1) & mask;
      }
      slots[slot] = write;
    }
  }

  private static boolean isSameSubject(Write one, Write other) {
    return one.key().equals(other.key()) && isDocument(one) == isDocument(other);
  }

  private static boolean isDocument(Write write) {
    return write instanceof Write.PutDocument || write instanceof Write.DeleteDocument;
  }

  /**
   * Starts an empty, all-or-nothing batch written by {@link WriteContext#JVM}.
   *
   * @return a builder for use by one thread
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns a batch that sets several values.
   *
   * @param values new values by name or id
   * @param context who writes
   * @return an all-or-nothing batch
   */
  public static Batch of(Map<String, ?> values, WriteContext context) {
    Builder builder = builder().context(context);
    values.forEach(builder::set);
    return builder.build();
  }

  /** Collects the elements of a batch. Not safe for several threads. */
  public static final class Builder {

    private final List<Variable<?>> registrations = new ArrayList<>();
    private final List<Write> writes = new ArrayList<>();
    private WriteContext context = WriteContext.JVM;
    private boolean bestEffort;

    private Builder() {}

    /**
     * Registers a variable with its default value.
     *
     * @param variable the definition
     * @return this builder
     */
    public Builder register(Variable<?> variable) {
      registrations.add(variable);
      return this;
    }

    /**
     * Sets a value whatever version the variable has.
     *
     * @param key the variable's name or id
     * @param value the new value
     * @return this builder
     */
    public Builder set(String key, Object value) {
      return add(new Write.SetValue(key, value, null));
    }

    /**
     * Sets a value if the variable still has the version the caller saw.
     *
     * @param key the variable's name or id
     * @param value the new value
     * @param expectedVersion the version it must have now
     * @return this builder
     */
    public Builder set(String key, Object value, long expectedVersion) {
      return add(new Write.SetValue(key, value, expectedVersion));
    }

    /**
     * Removes a variable.
     *
     * @param key the variable's name or id
     * @return this builder
     */
    public Builder delete(String key) {
      return add(new Write.DeleteVariable(key, null));
    }

    /**
     * Makes the batch depend on the version of a variable it does not write.
     *
     * @param key the variable's name or id
     * @param expectedVersion the version it must have now
     * @return this builder
     */
    public Builder expect(String key, long expectedVersion) {
      return add(new Write.ExpectVersion(key, expectedVersion));
    }

    /**
     * Puts a document.
     *
     * @param key the document's key
     * @param content the new text
     * @param expectedVersion the version it must have now, 0 if it must not exist yet, or null
     * @return this builder
     */
    public Builder putDocument(String key, String content, @Nullable Long expectedVersion) {
      return add(new Write.PutDocument(key, content, expectedVersion));
    }

    /**
     * Removes a document.
     *
     * @param key the document's key
     * @param expectedVersion the version it must have now, or null
     * @return this builder
     */
    public Builder deleteDocument(String key, @Nullable Long expectedVersion) {
      return add(new Write.DeleteDocument(key, expectedVersion));
    }

    /**
     * Adds any write.
     *
     * @param write the write
     * @return this builder
     */
    public Builder add(Write write) {
      writes.add(write);
      return this;
    }

    /**
     * Says who writes.
     *
     * @param context the writer
     * @return this builder
     */
    public Builder context(WriteContext context) {
      this.context = context;
      return this;
    }

    /**
     * Keeps the good writes when others fail.
     *
     * @return this builder
     */
    public Builder bestEffort() {
      this.bestEffort = true;
      return this;
    }

    /**
     * Returns the batch.
     *
     * @return an immutable copy of what was collected
     */
    public Batch build() {
      return new Batch(registrations, writes, context, bestEffort);
    }
  }
}
