package io.trimtab.session;

import io.trimtab.state.LocalStateFactory;
import io.trimtab.state.StateExport;
import io.trimtab.state.StateProvider;
import io.trimtab.state.StateProviderFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Opens local providers whose calls a test can watch, hold up and spoil; counts those left open.
 */
final class InterceptedProvider implements StateProviderFactory {

  /** What happens instead of a call; {@link Call#proceed} is the call itself. */
  interface Interceptor {
    @Nullable Object intercept(String method, Call call) throws Throwable;
  }

  /** The call as the provider would have answered it. */
  interface Call {
    @Nullable Object proceed() throws Throwable;
  }

  private final String name;
  private final Interceptor interceptor;
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private volatile @Nullable StateExport found;

  InterceptedProvider(String name, Interceptor interceptor) {
    this.name = name;
    this.interceptor = interceptor;
  }

  /** Runs something just before each call of one method. */
  static InterceptedProvider before(String intercepted, Runnable action) {
    return new InterceptedProvider(
        "intercepted",
        (method, call) -> {
          if (method.equals(intercepted)) {
            action.run();
          }
          return call.proceed();
        });
  }

  @Override
  public String name() {
    return name;
  }

  /** Lets every provider opened hold what others wrote before. */
  InterceptedProvider beginningWith(StateExport state) {
    found = state;
    return this;
  }

  /** Opens one given provider instead, which others may write to as well. */
  StateProviderFactory over(StateProvider shared) {
    return new StateProviderFactory() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public StateProvider open(String sessionId, @Nullable StateExport initial) {
        return around(shared);
      }
    };
  }

  int opened() {
    return opened.get();
  }

  /** Returns how many of the providers opened have not been closed. */
  int open() {
    return open.get();
  }

  @Override
  public StateProvider open(String sessionId, @Nullable StateExport initial) {
    return around(new LocalStateFactory().open(sessionId, initial == null ? found : initial));
  }

  private StateProvider around(StateProvider real) {
    opened.incrementAndGet();
    open.incrementAndGet();
    return (StateProvider)
        Proxy.newProxyInstance(
            InterceptedProvider.class.getClassLoader(),
            new Class<?>[] {StateProvider.class},
            (proxy, method, arguments) -> answer(real, method, arguments));
  }

  private @Nullable Object answer(
      StateProvider real, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    if (method.getName().equals("close")) {
      open.decrementAndGet();
    }
    return interceptor.intercept(method.getName(), () -> invoke(real, method, arguments));
  }

  private static @Nullable Object invoke(
      StateProvider real, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
