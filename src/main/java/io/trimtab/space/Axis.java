package io.trimtab.space;

import io.trimtab.variable.Scale;
import java.util.random.RandomGenerator;

/**
 * How the values of one parameter lie on the unit interval, and how likely each is: what a sampler
 * needs in order to treat temperatures, token counts and module names alike.
 *
 * <p>A coordinate {@code u} is the parameter's prior distribution function, so that a uniform
 * {@code u} in {@code [0, 1]} decodes to a value drawn by the declared scale, step and weights. A
 * value with a positive probability owns an interval as long as that probability; {@link #encode}
 * returns its middle.
 *
 * <ul>
 *   <li>A FLOAT without step is a continuum, spread by its {@link Scale}.
 *   <li>A FLOAT with a step and an INTEGER are cells: equally likely on a linear scale; on {@link
 *       Scale#LOG} the integer {@code k} weighs {@code ln((k + 0.5) / (k - 0.5))}.
 *   <li>Options, modules, booleans and allowed texts are cells, weighted if declared so. Booleans
 *       lie false first.
 *   <li>A {@link Prior} on a number replaces the even spread along its scale.
 *   <li>What has no finite list and no bounds (free text, vectors, open-ended numbers) and every
 *       constant is a single cell: its default. It is never varied.
 * </ul>
 *
 * <p>Immutable and safe for all threads.
 */
public sealed interface Axis
    permits ContinuousAxis, LinearIntegerAxis, LogIntegerAxis, GridAxis, ListAxis, SpreadAxis {

  /**
   * Returns how many values there are.
   *
   * @return at least 1 ({@link Long#MAX_VALUE} if more), or 0 for a continuum
   */
  long cells();

  /**
   * Tells whether there is anything to choose.
   *
   * @return false for a constant and for what is never varied
   */
  default boolean varies() {
    return cells() != 1;
  }

  /**
   * Returns the value of a cell.
   *
   * @param index in {@code [0, cells())}
   * @return the canonical value
   * @throws IllegalStateException if this is a continuum
   * @throws IndexOutOfBoundsException if there is no such cell
   */
  Object valueAt(long index);

  /**
   * Returns the cell of a value.
   *
   * @param value a canonical value of the parameter's domain
   * @return the index of its cell; of the nearest one for a number between two
   * @throws IllegalStateException if this is a continuum
   * @throws IllegalArgumentException if no cell holds the value
   */
  long indexOf(Object value);

  /**
   * Returns how likely a cell is under the prior.
   *
   * @param index in {@code [0, cells())}
   * @return a probability in {@code (0, 1]}; 0 only if a prior makes it less than doubles can say
   * @throws IllegalStateException if this is a continuum
   */
  double mass(long index);

  /**
   * Returns how likely all cells before one are under the prior: the coordinate at which the cell
   * begins.
   *
   * @param index in {@code [0, cells()]}
   * @return a probability in {@code [0, 1]}; 0 for the first cell, 1 for {@code cells()}
   * @throws IllegalStateException if this is a continuum
   */
  double massBelow(long index);

  /**
   * Returns the cell at a coordinate.
   *
   * @param u a coordinate; below 0 and above 1 count as the ends
   * @return the index of its cell
   * @throws IllegalStateException if this is a continuum
   * @throws IllegalArgumentException if {@code u} is NaN
   */
  long cellAt(double u);

  /**
   * Returns the value at a coordinate.
   *
   * @param u a coordinate; below 0 and above 1 count as the ends
   * @return the canonical value
   * @throws IllegalArgumentException if {@code u} is NaN
   */
  Object decode(double u);

  /**
   * Returns the coordinate of a value.
   *
   * @param value a canonical value of the parameter's domain
   * @return a coordinate in {@code [0, 1]} that {@link #decode} turns back into the value, up to
   *     rounding for a continuum
   * @throws IllegalArgumentException if the axis does not hold the value
   */
  double encode(Object value);

  /**
   * Draws a value from the prior.
   *
   * @param random where chance comes from
   * @return a canonical value
   */
  Object sample(RandomGenerator random);
}
