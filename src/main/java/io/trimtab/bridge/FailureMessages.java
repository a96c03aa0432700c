package io.trimtab.bridge;

import io.trimtab.TrimtabException;
import io.trimtab.bridge.wire.Failure;
import io.trimtab.bridge.wire.HeldLease;
import io.trimtab.bridge.wire.NamedFailure;
import io.trimtab.bridge.wire.Reason;
import io.trimtab.lm.LmCircuitOpenException;
import io.trimtab.lm.LmException;
import io.trimtab.lm.LmOverloadedException;
import io.trimtab.lm.LmRateLimitedException;
import io.trimtab.lm.LmServerException;
import io.trimtab.session.ConfigurationExistsException;
import io.trimtab.session.ConfigurationNotFoundException;
import io.trimtab.session.SpaceMemberException;
import io.trimtab.space.InfeasibleSpaceException;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.space.SamplingException;
import io.trimtab.state.BatchRejectedException;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VersionConflictException;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Tells Python why this JVM refused what it asked: the one place where exceptions become messages.
 */
final class FailureMessages {

  private FailureMessages() {}

  static Failure of(Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    Failure.Builder failure =
        Failure.newBuilder()
            .setMessage(String.valueOf(cause.getMessage()))
            .setReason(reason(cause));
    if (cause instanceof InvalidValueException e) {
      addAll(failure, e.violations());
    } else if (cause instanceof InvalidDefinitionException e) {
      addAll(failure, e.violations());
    } else if (cause instanceof InvalidConfigurationException e) {
      addAll(failure.addNames(e.space()), e.violations());
    } else if (cause instanceof VariableAlreadyExistsException e) {
      failure.addAllNames(e.names());
    } else if (cause instanceof VersionConflictException e) {
      e.conflicts().forEach((subject, conflict) -> failure.addConflicts(of(subject, conflict)));
    } else if (cause instanceof LeaseHeldException e) {
      e.leases().forEach((name, lease) -> failure.addLeases(of(name, lease)));
    } else if (cause instanceof BatchRejectedException e) {
      e.failures().forEach((key, nested) -> failure.addFailures(named(key, nested)));
    } else if (cause instanceof LmException e) {
      failure.setType(e.getClass().getSimpleName()).setNumber(millisToWait(e));
    } else if (!(cause instanceof TrimtabException)) {
      failure.setType(cause.getClass().getSimpleName());
    }
    return failure.build();
  }

  static NamedFailure named(String key, Throwable failure) {
    return NamedFailure.newBuilder().setKey(key).setFailure(of(failure)).build();
  }

  /** Returns what really happened below the wrappers that futures add. */
  static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static Reason reason(Throwable cause) {
    if (cause instanceof LmException) {
      return Reason.LM_FAILED;
    }
    if (cause instanceof InvalidValueException) {
      return Reason.INVALID_VALUE;
    }
    if (cause instanceof InvalidDefinitionException) {
      return Reason.INVALID_DEFINITION;
    }
    if (cause instanceof InvalidConfigurationException) {
      return Reason.INVALID_CONFIGURATION;
    }
    if (cause instanceof ConfigurationNotFoundException) {
      return Reason.CONFIGURATION_NOT_FOUND;
    }
    if (cause instanceof VariableNotFoundException) {
      return Reason.NOT_FOUND;
    }
    if (cause instanceof VariableAlreadyExistsException
        || cause instanceof ConfigurationExistsException) {
      return Reason.ALREADY_EXISTS;
    }
    if (cause instanceof VersionConflictException) {
      return Reason.VERSION_CONFLICT;
    }
    if (cause instanceof LeaseHeldException) {
      return Reason.LEASE_HELD;
    }
    if (cause instanceof BatchRejectedException) {
      return Reason.BATCH_REJECTED;
    }
    if (cause instanceof SpaceMemberException) {
      return Reason.SPACE_MEMBER;
    }
    if (cause instanceof SamplingException || cause instanceof InfeasibleSpaceException) {
      return Reason.SAMPLING_FAILED;
    }
    if (cause instanceof StateUnavailableException) {
      return Reason.UNAVAILABLE;
    }
    if (cause instanceof CancellationException) {
      return Reason.CANCELLED;
    }
    return cause instanceof IllegalArgumentException ? Reason.ILLEGAL_ARGUMENT : Reason.TOOL_FAILED;
  }

  private static void addAll(Failure.Builder failure, List<Violation> violations) {
    violations.forEach(violation -> failure.addViolations(of(violation)));
  }

  static io.trimtab.bridge.wire.Violation of(Violation violation) {
    io.trimtab.bridge.wire.Violation.Builder message =
        io.trimtab.bridge.wire.Violation.newBuilder()
            .setSubject(violation.subject())
            .setExpected(violation.expected());
    String actual = violation.actual();
    if (actual != null) {
      message.setActual(actual);
    }
    return message.build();
  }

  private static io.trimtab.bridge.wire.VersionConflict of(
      String subject, VersionConflictException.Conflict conflict) {
    return io.trimtab.bridge.wire.VersionConflict.newBuilder()
        .setSubject(subject)
        .setExpected(conflict.expected())
        .setCurrent(conflict.current())
        .build();
  }

  private static HeldLease of(String name, Lease lease) {
    return HeldLease.newBuilder()
        .setName(name)
        .setLease(
            io.trimtab.bridge.wire.Lease.newBuilder()
                .setId(lease.id())
                .setOwner(lease.owner())
                .addAllNames(lease.names())
                .setExpiresAtMs(lease.expiresAt().toEpochMilli()))
        .build();
  }

  private static long millisToWait(LmException e) {
    @Nullable Duration wait = null;
    if (e instanceof LmRateLimitedException limited) {
      wait = limited.retryAfter();
    } else if (e instanceof LmCircuitOpenException open) {
      wait = open.retryAfter();
    } else if (e instanceof LmOverloadedException overloaded) {
      wait = overloaded.retryAfter();
    } else if (e instanceof LmServerException server) {
      wait = server.retryAfter();
    }
    return wait == null ? 0 : wait.toMillis();
  }
}
