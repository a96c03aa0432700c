package io.trimtab.bridge;

import io.trimtab.bridge.wire.HostOffer;
import io.trimtab.bridge.wire.ModelOffer;
import io.trimtab.bridge.wire.ProgramDescription;
import io.trimtab.lm.LanguageModel;
import io.trimtab.program.CallOptions;
import io.trimtab.program.Tool;
import io.trimtab.session.Session;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Joins a session with a sidecar: its Python programs can be run from here, and what they ask of
 * Java (language models, tools, the rules of configuration spaces) is answered here.
 *
 * <pre>{@code
 * try (Sidecar sidecar = Sidecar.launch().programModules("my_programs").start();
 *     Session session = Session.open();
 *     Bridge bridge = Bridge.between(session, sidecar).model(model).open()) {
 *   BridgedProgram qa = bridge.program("qa"); // the session's state moves to the sidecar here
 *   qa.run(Map.of("question", "Why?"), session);
 * }
 * }</pre>
 *
 * <p>Several JVMs may join one session. Safe for use by many threads at once. Close it before the
 * sidecar; language models and the session stay open.
 */
public final class Bridge implements AutoCloseable {

  private final Session session;
  private final Sidecar sidecar;
  private final ScheduledExecutorService timer;
  private final HostStream host;
  private final ProgramRunner runner;

  private Bridge(Builder builder) {
    this.session = builder.session;
    this.sidecar = builder.sidecar;
    this.timer = Executors.newSingleThreadScheduledExecutor(Bridge::timerThread);
    ModelCalls calls = new ModelCalls();
    HostDesk desk =
        new HostDesk(
            builder.models, builder.tools, new SpaceDesk(session), calls, builder.executor);
    HostOffer offer = builder.offer("jvm-" + UUID.randomUUID());
    this.runner =
        new ProgramRunner(
            sidecar.channel(), session.id(), offer.getHost(), builder.timeout, calls, timer);
    this.host = new HostStream(sidecar.channel(), offer, desk, timer);
  }

  private static Thread timerThread(Runnable task) {
    Thread thread = new Thread(task, "trimtab-bridge-timer");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Starts joining a session with a sidecar.
   *
   * @param session the session whose programs run there
   * @param sidecar where
   * @return a builder for use by one thread
   */
  public static Builder between(Session session, Sidecar sidecar) {
    return new Builder(session, sidecar);
  }

  /**
   * Returns a Python program. The first one moves the session's state to the sidecar, live, so that
   * Python reads the same variables.
   *
   * @param name the name it was registered under in Python
   * @return the program
   * @throws ProgramNotFoundException if no module the sidecar was started with registered it
   * @throws ProgramFailedException if building it raised an exception
   * @throws io.trimtab.session.BackendSwitchException if the session could not be moved; it stays
   *     where it was
   * @throws BridgeUnavailableException if the sidecar does not answer
   */
  public BridgedProgram program(String name) {
    session.ensureBridged(new BridgedStateFactory(sidecar));
    BridgedProgram program = new BridgedProgram(runner, runner.describe(name));
    session.register(program);
    return program;
  }

  /**
   * Returns every Python program; moves the session's state as {@link #program} does.
   *
   * @return the programs in order of their names
   */
  public List<BridgedProgram> programs() {
    session.ensureBridged(new BridgedStateFactory(sidecar));
    return runner.list().stream()
        .sorted(Comparator.comparing(ProgramDescription::getName))
        .map(description -> new BridgedProgram(runner, description))
        .toList();
  }

  /**
   * Returns the session.
   *
   * @return the one it was opened with
   */
  public Session session() {
    return session;
  }

  /** Ends runs that are under way and stops answering Python. The session stays as it is. */
  @Override
  public void close() {
    runner.close();
    host.close();
    timer.shutdownNow();
  }

  @Override
  public String toString() {
    return "Bridge(session \"%s\", %s)".formatted(session.id(), sidecar);
  }

  /**
   * Collects what this JVM offers Python.
   *
   * <p>Defaults: no language model, no tools, 5 minutes for a run, 10 seconds for the sidecar to
   * answer when opening. Not safe for several threads.
   */
  public static final class Builder {

    private final Session session;
    private final Sidecar sidecar;
    private final Map<String, LanguageModel> models = new LinkedHashMap<>();
    private final Map<String, Tool> tools = new LinkedHashMap<>();
    private Duration timeout = Duration.ofMinutes(5);
    private Duration patience = Duration.ofSeconds(10);
    private Executor executor = CallOptions.NONE.executor();

    private Builder(Session session, Sidecar sidecar) {
      this.session = session;
      this.sidecar = sidecar;
    }

    /**
     * Offers the language model that programs use unless they choose another.
     *
     * @param model any model, best a resilient one; not closed by the bridge
     * @return this builder
     */
    public Builder model(LanguageModel model) {
      return model("", model);
    }

    /**
     * Offers a language model by name, which Python chooses with {@code lm.copy(model=name)}.
     *
     * @param name what Python calls it
     * @param model any model, best a resilient one; not closed by the bridge
     * @return this builder
     */
    public Builder model(String name, LanguageModel model) {
      if (models.putIfAbsent(name, model) != null) {
        throw new IllegalArgumentException(
            name.isEmpty()
                ? "the default language model is offered twice"
                : "language model \"%s\" is offered twice".formatted(name));
      }
      return this;
    }

    /**
     * Offers a Java function to Python's agents. Nothing that is not offered can be called.
     *
     * @param tool a tool of a name of its own
     * @return this builder
     */
    public Builder tool(Tool tool) {
      if (tools.putIfAbsent(tool.name(), tool) != null) {
        throw new IllegalArgumentException("tool \"%s\" is offered twice".formatted(tool.name()));
      }
      return this;
    }

    /**
     * Limits how long a run may take that says nothing else.
     *
     * @param limit longer than zero
     * @return this builder
     */
    public Builder timeout(Duration limit) {
      timeout = positive("timeout", limit);
      return this;
    }

    /**
     * Limits how long opening waits for the sidecar.
     *
     * @param limit longer than zero
     * @return this builder
     */
    public Builder patience(Duration limit) {
      patience = positive("patience", limit);
      return this;
    }

    /**
     * Says where tools and the rules of spaces run.
     *
     * @param executor runs blocking tasks, many at once
     * @return this builder
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    private static Duration positive(String name, Duration limit) {
      if (limit.isNegative() || limit.isZero()) {
        throw new IllegalArgumentException(name + " must be longer than zero, got " + limit);
      }
      return limit;
    }

    private HostOffer offer(String host) {
      HostOffer.Builder offer =
          HostOffer.newBuilder()
              .setSessionId(session.id())
              .setProtocol(Protocol.VERSION)
              .setHost(host);
      models.forEach(
          (name, model) -> {
            ModelOffer.Builder offered =
                ModelOffer.newBuilder().setName(name).setModel(model.key().model());
            model.capabilities().stream()
                .sorted()
                .forEach(capability -> offered.addCapabilities(capability.name()));
            offer.addModels(offered);
          });
      tools.values().forEach(tool -> offer.addTools(WireModel.tool(tool.spec())));
      return offer.build();
    }

    /**
     * Opens the bridge.
     *
     * @return an open bridge that the caller closes
     * @throws BridgeUnavailableException if the sidecar does not answer in time
     */
    public Bridge open() {
      Bridge bridge = new Bridge(this);
      try {
        bridge.host.awaitAttached(patience);
        return bridge;
      } catch (RuntimeException e) {
        bridge.close();
        throw e;
      }
    }
  }
}
