package io.trimtab.sampler;

import io.trimtab.space.Configuration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that was tried, and what came of it so far: what a {@link Sampler} knows of one
 * trial.
 *
 * <p>A <i>loss</i> says how bad the configuration was: finite, lower is better. A search for one
 * thing has one loss per observation, a search for several has as many losses as things. Immutable
 * and safe for all threads.
 */
public final class Observation {

  /** How far a trial is, as a sampler needs to know. */
  public enum Status {
    /** It ended with its losses. */
    COMPLETE,
    /** It is still being evaluated. */
    RUNNING,
    /** It was ended early because it did not look good; its intermediate losses say why. */
    PRUNED,
    /** It ended without a loss. */
    FAILED
  }

  private static final double[] NONE = {};
  private static final SortedMap<Integer, Double> NO_STEPS =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final Configuration configuration;
  private final Status status;
  private final double[] losses;
  private final SortedMap<Integer, Double> intermediate;

  /** Where the configuration lies in the unit cube; two threads may both find out. */
  private double @Nullable [] point;

  private Observation(
      Configuration configuration,
      Status status,
      double[] losses,
      SortedMap<Integer, Double> intermediate) {
    this.configuration = configuration;
    this.status = status;
    this.losses = losses;
    this.intermediate = intermediate;
  }

  /**
   * Returns a trial that ended with its losses.
   *
   * @param configuration what was tried
   * @param losses how bad it was: one finite number for each thing searched for, lower is better
   * @return the observation
   */
  public static Observation complete(Configuration configuration, double... losses) {
    if (losses.length == 0 || !Arrays.stream(losses).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException(
          "losses: expected at least one number and all of them finite, got "
              + Arrays.toString(losses));
    }
    return new Observation(configuration, Status.COMPLETE, losses.clone(), NO_STEPS);
  }

  /**
   * Returns a trial that is still being evaluated.
   *
   * @param configuration what is tried
   * @return the observation
   */
  public static Observation running(Configuration configuration) {
    return new Observation(configuration, Status.RUNNING, NONE, NO_STEPS);
  }

  /**
   * Returns a trial that was ended early.
   *
   * @param configuration what was tried
   * @param intermediate the losses it reported by step, finite or NaN; may be empty
   * @return the observation
   */
  public static Observation pruned(
      Configuration configuration, SortedMap<Integer, Double> intermediate) {
    return new Observation(configuration, Status.PRUNED, NONE, NO_STEPS).reporting(intermediate);
  }

  /**
   * Returns a trial that ended without a loss.
   *
   * @param configuration what was tried
   * @return the observation
   */
  public static Observation failed(Configuration configuration) {
    return new Observation(configuration, Status.FAILED, NONE, NO_STEPS);
  }

  /**
   * Returns this observation with other intermediate losses.
   *
   * @param losses the losses the trial reported by step, finite or NaN
   * @return a new observation
   */
  public Observation reporting(SortedMap<Integer, Double> losses) {
    SortedMap<Integer, Double> copy = Collections.unmodifiableSortedMap(new TreeMap<>(losses));
    return new Observation(configuration, status, this.losses, copy);
  }

  /**
   * Returns what was tried.
   *
   * @return the configuration
   */
  public Configuration configuration() {
    return configuration;
  }

  /**
   * Returns how far the trial is.
   *
   * @return the status
   */
  public Status status() {
    return status;
  }

  /**
   * Returns how many losses there are.
   *
   * @return at least 1 if {@link Status#COMPLETE}, otherwise 0
   */
  public int objectives() {
    return losses.length;
  }

  /**
   * Returns the loss of a search for one thing.
   *
   * @return how bad the configuration was, or NaN if the trial is not complete
   */
  public double loss() {
    return losses.length == 0 ? Double.NaN : losses[0];
  }

  /**
   * Returns one of several losses.
   *
   * @param objective in {@code [0, objectives())}
   * @return how bad the configuration was in this respect
   * @throws IndexOutOfBoundsException if there is no such loss
   */
  public double loss(int objective) {
    return losses[Objects.checkIndex(objective, losses.length)];
  }

  /**
   * Returns what the trial reported on its way.
   *
   * @return an unmodifiable map from step to loss, finite or NaN; often empty
   */
  public SortedMap<Integer, Double> intermediate() {
    return intermediate;
  }

  /** Returns the coordinates in the unit cube, NaN where inactive. Not to be written to. */
  double[] point() {
    double[] known = point;
    if (known == null) {
      known = configuration.space().encode(configuration);
      point = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Observation that
        && status == that.status
        && Arrays.equals(losses, that.losses)
        && intermediate.equals(that.intermediate)
        && configuration.equals(that.configuration);
  }

  @Override
  public int hashCode() {
    return Objects.hash(configuration, status, Arrays.hashCode(losses));
  }

  @Override
  public String toString() {
    String outcome = losses.length == 0 ? "" : " " + Arrays.toString(losses);
    return status.toString().toLowerCase(Locale.ROOT) + outcome + " " + configuration;
  }
}
