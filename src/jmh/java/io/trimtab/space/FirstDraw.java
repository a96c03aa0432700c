package io.trimtab.space;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The first draw that a virtual machine just started makes from one of the {@link
 * SamplingBenchmark#hard hard spaces}: with the classes to load and nothing compiled.
 */
public final class FirstDraw {

  private static final int MACHINES = 7;

  private FirstDraw() {}

  /**
   * Draws once and prints the milliseconds of processor time it took.
   *
   * @param arguments the name of a space
   */
  public static void main(String[] arguments) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    ConfigurationSpace space = SamplingBenchmark.hard(arguments[0]);
    SplittableRandom random = new SplittableRandom(1);
    long began = threads.getCurrentThreadCpuTime();
    Configuration drawn = space.sample(random);
    double millis = (threads.getCurrentThreadCpuTime() - began) / 1e6;
    System.out.println(drawn.space().equals(space) ? millis : Double.NaN);
  }

  /** The median over several fresh virtual machines, in milliseconds of processor time. */
  static double millis(String space) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String[] command = {
      java, "-cp", System.getProperty("java.class.path"), FirstDraw.class.getName(), space
    };
    double[] millis = new double[MACHINES];
    for (int i = 0; i < MACHINES; i++) {
      Process machine =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      byte[] printed = machine.getInputStream().readAllBytes();
      millis[i] = Double.parseDouble(new String(printed, StandardCharsets.UTF_8).strip());
    }
    Arrays.sort(millis);
    return millis[MACHINES / 2];
  }
}
