package io.trimtab.bridge;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.TrimtabException;
import io.trimtab.bridge.wire.Failure;
import io.trimtab.bridge.wire.HeldLease;
import io.trimtab.bridge.wire.NamedFailure;
import io.trimtab.space.InvalidConfigurationException;
import io.trimtab.state.BatchRejectedException;
import io.trimtab.state.DependencyCycleException;
import io.trimtab.state.ImportException;
import io.trimtab.state.Lease;
import io.trimtab.state.LeaseHeldException;
import io.trimtab.state.LeaseLostException;
import io.trimtab.state.StateUnavailableException;
import io.trimtab.state.VariableAlreadyExistsException;
import io.trimtab.state.VersionConflictException;
import io.trimtab.variable.InvalidDefinitionException;
import io.trimtab.variable.InvalidValueException;
import io.trimtab.variable.VariableNotFoundException;
import io.trimtab.variable.Violation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads why the sidecar refused: the one place where its messages become exceptions. */
final class Failures {

  private static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of("trimtab-failure-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private Failures() {}

  /** Returns the failure that a unary call ended with, or null if it carries none of ours. */
  static @Nullable Failure of(StatusRuntimeException e) {
    Metadata trailers = e.getTrailers();
    byte[] bytes = trailers == null ? null : trailers.get(TRAILER);
    if (bytes == null) {
      return null;
    }
    try {
      return Failure.parseFrom(bytes);
    } catch (InvalidProtocolBufferException garbled) {
      return null; // the status itself still says something
    }
  }

  /** Says in words why a call got no answer; of a failed connection it tells the first cause. */
  static String reason(Status status) {
    if (status.getCode() != Status.Code.UNAVAILABLE) {
      return String.valueOf(status);
    }
    String reason = status.getDescription();
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
    return "it cannot be reached: " + String.valueOf(reason).lines().findFirst().orElse("");
  }

  static RuntimeException exception(Failure failure) {
    return exception(failure, "the sidecar");
  }

  /**
   * Returns the exception that says the same.
   *
   * @param where such as {@code session "s1"}
   */
  static RuntimeException exception(Failure failure, String where) {
    List<String> names = failure.getNamesList();
    return switch (failure.getReason()) {
      case NOT_FOUND -> new VariableNotFoundException(names, where);
      case ALREADY_EXISTS -> new VariableAlreadyExistsException(names, where);
      case INVALID_VALUE -> new InvalidValueException(violations(failure));
      case INVALID_DEFINITION -> new InvalidDefinitionException(violations(failure));
      case VERSION_CONFLICT -> new VersionConflictException(conflicts(failure));
      case LEASE_HELD -> new LeaseHeldException(leases(failure));
      case LEASE_LOST -> new LeaseLostException(first(names), "its owner");
      case BATCH_REJECTED -> new BatchRejectedException(each(failure.getFailuresList(), where));
      case DEPENDENCY_CYCLE -> new DependencyCycleException(names);
      case INVALID_CONFIGURATION ->
          new InvalidConfigurationException(first(names), violations(failure), List.of());
      case INVALID_STATE -> new ImportException(failure.getMessage());
      case ILLEGAL_ARGUMENT -> new IllegalArgumentException(failure.getMessage());
      case PROTOCOL_MISMATCH ->
          new ProtocolMismatchException(failure.getMessage(), failure.getDetail());
      case PROGRAM_NOT_FOUND -> new ProgramNotFoundException(first(names), List.of());
      default ->
          new StateUnavailableException(
              failure.getReason() + ": " + failure.getMessage(), /* applied= */ false, null);
    };
  }

  /** Returns the failures of single writes by their keys. */
  static Map<String, TrimtabException> each(List<NamedFailure> failures, String where) {
    Map<String, TrimtabException> each = new LinkedHashMap<>();
    for (NamedFailure failure : failures) {
      RuntimeException cause = exception(failure.getFailure(), where);
      each.put(
          failure.getKey(),
          cause instanceof TrimtabException known
              ? known
              : new StateUnavailableException(
                  String.valueOf(cause.getMessage()), /* applied= */ false, cause));
    }
    return each;
  }

  private static String first(List<String> names) {
    return names.isEmpty() ? "" : names.get(0);
  }

  private static List<Violation> violations(Failure failure) {
    return failure.getViolationsList().stream()
        .map(
            v ->
                new Violation(
                    v.getSubject(), v.getExpected(), v.hasActual() ? v.getActual() : null))
        .toList();
  }

  private static Map<String, VersionConflictException.Conflict> conflicts(Failure failure) {
    Map<String, VersionConflictException.Conflict> conflicts = new LinkedHashMap<>();
    failure
        .getConflictsList()
        .forEach(
            conflict ->
                conflicts.put(
                    conflict.getSubject(),
                    new VersionConflictException.Conflict(
                        conflict.getExpected(), conflict.getCurrent())));
    return conflicts;
  }

  private static Map<String, Lease> leases(Failure failure) {
    Map<String, Lease> leases = new LinkedHashMap<>();
    for (HeldLease held : failure.getLeasesList()) {
      leases.put(held.getName(), WireStates.lease(held.getLease()));
    }
    return leases;
  }
}
