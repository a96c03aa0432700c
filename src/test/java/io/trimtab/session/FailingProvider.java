package io.trimtab.session;

import io.trimtab.session.BackendSwitchException.Step;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A provider that fails at one step of a switch and counts how many of its kind are open. */
final class FailingProvider {

  private static final AtomicInteger OPEN = new AtomicInteger();

  private FailingProvider() {}

  static int open() {
    return OPEN.get();
  }

  static StateProvider at(Step step, StateProvider real) {
    OPEN.incrementAndGet();
    return (StateProvider)
        Proxy.newProxyInstance(
            FailingProvider.class.getClassLoader(),
            new Class<?>[] {StateProvider.class},
            (proxy, method, arguments) -> call(step, real, method, arguments));
  }

  private static Object call(Step step, StateProvider real, Method method, Object[] arguments)
      throws Throwable {
    switch (method.getName()) {
      case "close" -> OPEN.decrementAndGet();
      case "importState" -> failAt(Step.IMPORT, step);
      case "watch" -> failAt(Step.WATCHES, step);
      default -> {}
    }
    try {
      Object result = method.invoke(real, arguments);
      boolean tamper = step == Step.VERIFY && method.getName().equals("exportState");
      return tamper ? tampered((StateExport) result) : result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void failAt(Step here, Step wanted) {
    if (here == wanted) {
      throw new IllegalStateException("planted failure at " + here);
    }
  }

  /** A provider that kept the variables but forgot what was retired. */
  private static StateExport tampered(StateExport export) {
    return new StateExport(
        export.sessionId(),
        export.revision(),
        export.exportedAt(),
        export.variables(),
        export.documents(),
        export.leases(),
        export.dependencies(),
        Map.of("forgotten", 3L),
        export.metadata());
  }
}
