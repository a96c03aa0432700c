/**
 * One session in Java and Python: a session's state kept by a Python sidecar, Python programs run
 * from Java, and Java's models, tools and rules at Python's service.
 *
 * <p>The only package that uses gRPC and protobuf, which are optional dependencies.
 */
@NullMarked
package io.trimtab.bridge;

import org.jspecify.annotations.NullMarked;
