"""Methods for the gRPC server, made of functions that raise our exceptions."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from trimtab._failures import FAILURE_TRAILER, status_name, to_failure
from trimtab.exceptions import InternalError, TrimtabError

__all__ = ["abort", "end", "stream", "unary"]

log = logging.getLogger("trimtab")


async def abort(context: Any, error: BaseException) -> None:
    """Ends a call with the status and the Failure of an exception; of one that is not ours with its type alone."""
    if not isinstance(error, TrimtabError):
        log.error("a call failed", exc_info=error)
        error = InternalError(f"sidecar: unexpected {type(error).__name__}")
    failure = to_failure(error)
    await context.abort(
        getattr(grpc.StatusCode, status_name(failure)),
        failure.message[:1000],
        trailing_metadata=((FAILURE_TRAILER, failure.SerializeToString()),),
    )


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancels tasks and waits until they are gone, however they end: of one left behind asyncio complains in the log."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def unary(method: Callable[..., Awaitable[Any]], request: Any, *, timed: bool = False) -> Any:
    """Makes a unary method of a function that takes a request and, if ``timed``, the seconds left or None."""

    async def call(message: Any, context: Any) -> bytes:
        try:
            answer = await (method(message, _time_left(context)) if timed else method(message))
            response: bytes = answer.SerializeToString()
            return response
        except asyncio.CancelledError:
            raise
        except Exception as e:
            await abort(context, e)
        raise AssertionError("abort() raises")

    return grpc.unary_unary_rpc_method_handler(call, request_deserializer=request.FromString)


def _time_left(context: Any) -> float | None:
    seconds: float | None = context.time_remaining()
    return None if seconds is None or seconds == math.inf else seconds


def stream(method: Callable[[Any, Any], Awaitable[None]], request: Any, response: Any) -> Any:
    """Makes a bidirectional method of a function that takes the requests and the call's context."""

    async def call(messages: Any, context: Any) -> None:
        try:
            await method(messages, context)
        except asyncio.CancelledError:
            raise
        except grpc.aio.AbortError:
            raise
        except Exception as e:
            await abort(context, e)

    return grpc.stream_stream_rpc_method_handler(
        call, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )
