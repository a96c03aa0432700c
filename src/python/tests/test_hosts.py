"""Attachments of JVMs and the calls made to them, over a stream that the test plays."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from jvm import Jvm, attached, offer, run

from trimtab._hosts import Hosts
from trimtab._wire import message
from trimtab.exceptions import DeadlineExceededError, IllegalCallError, NoHostError, ProtocolMismatchError

HostFrame = message("HostFrame")
HostCall = message("HostCall")


def model(name: str = "") -> Any:
    call = HostCall()
    call.model.name = name
    return call


def test_first_frame_says_attached_and_how_often_frames_come() -> None:
    """The JVM learns that its offer was accepted and the heartbeat it must keep."""

    async def scenario() -> None:
        async with attached(Hosts(heartbeat=2, silence=9)) as jvm:
            assert jvm.written[0].attached
            assert jvm.written[0].heartbeat_ms == 2000

    run(scenario)


def test_answers_reach_their_calls_in_any_order() -> None:
    """Calls are matched to answers by number, however the JVM orders them."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            first = asyncio.create_task(hosts.call("s", model(), timeout=5))
            second = asyncio.create_task(hosts.call("s", model(), timeout=5))
            one, two = await jvm.calls.get(), await jvm.calls.get()
            jvm.answer(two.number, model={"model": "b"})
            jvm.answer(one.number, model={"model": "a"})
            assert (await first).model.model == "a"
            assert (await second).model.model == "b"

    run(scenario)


def test_calls_made_while_a_frame_is_written_leave_together() -> None:
    """A slow stream is filled, not queued frame by frame."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            jvm.writable.clear()
            tasks = [asyncio.create_task(hosts.call("s", model(), timeout=5)) for _ in range(10)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            jvm.writable.set()
            calls = [await jvm.calls.get() for _ in range(10)]
            assert len([frame for frame in jvm.written if frame.calls]) <= 2
            for call in calls:
                jvm.answer(call.number)
            await asyncio.gather(*tasks)

    run(scenario)


def test_a_thread_may_wait_for_an_answer() -> None:
    """Worker threads call without touching the event loop."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            blocked = asyncio.create_task(asyncio.to_thread(hosts.call_blocking, "s", model(), run_id="r", timeout=5.0))
            call = await jvm.calls.get()
            assert call.run_id == "r"
            assert call.timeout_ms == 5000
            jvm.answer(call.number, model={"model": "x"})
            assert (await blocked).model.model == "x"

    run(scenario)


def test_no_jvm_is_a_clear_error() -> None:
    """Without an attachment a call fails at once and says so."""

    async def scenario() -> None:
        with pytest.raises(NoHostError, match=r'session "s": expected a default model, got no JVM attached'):
            await Hosts().call("s", model(), timeout=5)

    run(scenario)


def test_what_is_not_offered_is_named() -> None:
    """A model that no JVM offers is reported with what the attached ones do offer."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts, models=("", "cheap")):
            with pytest.raises(NoHostError, match=r'expected the model "dear", got host "jvm".*cheap'):
                await hosts.call("s", model("dear"), timeout=5)

    run(scenario)


def test_newest_jvm_that_offers_a_model_answers() -> None:
    """Several JVMs share a session; a named one is asked by name, else the newest that can answer."""

    async def scenario() -> None:
        hosts = Hosts()
        async with (
            attached(hosts, host="old", models=("", "old-only")) as old,
            attached(hosts, host="new") as new,
        ):
            tasks = [
                asyncio.create_task(hosts.call("s", model(), timeout=5)),
                asyncio.create_task(hosts.call("s", model("old-only"), timeout=5)),
                asyncio.create_task(hosts.call("s", model(), host="old", timeout=5)),
            ]
            new.answer((await new.calls.get()).number)
            for _ in range(2):
                old.answer((await old.calls.get()).number)
            await asyncio.gather(*tasks)
            assert new.calls.empty() and old.calls.empty()

    run(scenario)


def test_a_jvm_that_leaves_fails_its_calls() -> None:
    """Calls in flight end with a typed error the moment their JVM is gone, and later ones find none."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            call = asyncio.create_task(hosts.call("s", model(), timeout=60))
            await jvm.calls.get()
            jvm.leave()
            with pytest.raises(NoHostError, match=r'host "jvm": expected an answer, but it detached'):
                await call
            with pytest.raises(NoHostError, match="no JVM attached"):
                await hosts.call("s", model(), timeout=5)

    run(scenario)


def test_attaching_again_ends_the_older_stream() -> None:
    """A JVM that reconnects under its name takes over before its old stream is found dead."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as old:
            call = asyncio.create_task(hosts.call("s", model(), timeout=60))
            await old.calls.get()
            async with attached(hosts) as new:
                with pytest.raises(NoHostError, match="it attached again"):
                    await call
                assert old.task is not None
                await old.task
                again = asyncio.create_task(hosts.call("s", model(), timeout=60))
                new.answer((await new.calls.get()).number)
                await again

    run(scenario)


def test_cancelling_a_call_tells_the_jvm() -> None:
    """A call nobody waits for is cancelled in the JVM, and its late answer is dropped."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            call = asyncio.create_task(hosts.call("s", model(), timeout=60))
            number = (await jvm.calls.get()).number
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await jvm.cancelled() == [number]
            jvm.answer(number)

    run(scenario)


def test_a_call_cancelled_before_it_leaves_is_never_sent() -> None:
    """What is cancelled while it waits for the stream does not cost the JVM a model call."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            jvm.writable.clear()
            first = asyncio.create_task(hosts.call("s", model(), timeout=60))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            second = asyncio.create_task(hosts.call("s", model(), timeout=60))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.sleep(0)
            jvm.writable.set()
            call = await jvm.calls.get()
            await jvm.cancelled()
            assert jvm.calls.empty()
            jvm.answer(call.number)
            await first

    run(scenario)


def test_deadline_ends_a_call_and_tells_the_jvm() -> None:
    """A JVM that does not answer cannot hold a call past its deadline."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            with pytest.raises(DeadlineExceededError, match=r"expected an answer within 0.01 s"):
                await hosts.call("s", model(), timeout=0.01)
            assert await jvm.cancelled() == [1]

    run(scenario)


def test_silence_ends_an_attachment() -> None:
    """A JVM that stopped is taken for dead although its connection stands; one that sends heartbeats is not."""

    async def scenario() -> None:
        hosts = Hosts(heartbeat=0.01, silence=0.05)
        async with attached(hosts, host="mute") as mute:
            call = asyncio.create_task(hosts.call("s", model(), timeout=60))
            with pytest.raises(NoHostError, match="silent"):
                await call
            assert mute.task is not None
            await mute.task
            assert len(mute.written) >= 2  # it was sent heartbeats all the while

    run(scenario)


def test_stream_hands_chunks_over_until_the_end() -> None:
    """A streamed answer arrives piece by piece and stops after its end."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:

            async def jvm_answers() -> None:
                number = (await jvm.calls.get()).number
                jvm.answer(number, chunk={"text": "a"})
                jvm.answer(number, chunk={"text": "b"})
                jvm.answer(number, chunk={"end": {"model": "m"}})

            answering = asyncio.create_task(jvm_answers())
            got = [answer.chunk async for answer in hosts.stream("s", model(), timeout=5)]
            await answering
            assert [chunk.text for chunk in got] == ["a", "b", ""]
            assert got[-1].end.model == "m"

    run(scenario)


def test_leaving_a_stream_cancels_it() -> None:
    """Who stops reading a stream stops paying for it."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:

            async def first() -> str:
                answers = hosts.stream("s", model(), timeout=5)
                try:
                    return str((await anext(answers)).chunk.text)
                finally:
                    await answers.aclose()  # type: ignore[attr-defined]

            reading = asyncio.create_task(first())
            number = (await jvm.calls.get()).number
            jvm.answer(number, chunk={"text": "a"})
            assert await reading == "a"
            assert await jvm.cancelled() == [number]

    run(scenario)


def test_threads_may_read_a_stream() -> None:
    """Chunks reach a worker thread in order; a failure ends them."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            reading = asyncio.create_task(
                asyncio.to_thread(lambda: list(hosts.stream_blocking("s", model(), timeout=5.0)))
            )
            number = (await jvm.calls.get()).number
            jvm.answer(number, chunk={"text": "a"})
            jvm.answer(number, failure={"message": "no more"})
            answers = await reading
            assert answers[0].chunk.text == "a"
            assert answers[1].failure.message == "no more"

    run(scenario)


def test_an_offer_may_change() -> None:
    """A later frame replaces what a JVM offers."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            jvm.send(offer=offer(models=("", "more")))
            while "more" not in hosts.offer("s").models:
                await asyncio.sleep(0)

    run(scenario)


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (HostFrame(), IllegalCallError),
        (HostFrame(offer={"session_id": "s", "protocol": {"major": 1}}), IllegalCallError),
        (HostFrame(offer={"session_id": "s", "host": "h", "protocol": {"major": 2}}), ProtocolMismatchError),
    ],
)
def test_a_wrong_first_frame_is_refused(frame: Any, error: type[Exception]) -> None:
    """An attachment without an offer, a name, or our protocol never begins."""

    async def scenario() -> None:
        hosts = Hosts()
        jvm = Jvm()
        jvm.frames.put_nowait(frame)
        with pytest.raises(error):
            await hosts.attach(jvm)
        assert hosts.offers("s") == ()

    run(scenario)


def test_a_call_without_time_left_is_not_made() -> None:
    """A deadline in the past fails before anything is sent."""

    async def scenario() -> None:
        hosts = Hosts()
        async with attached(hosts) as jvm:
            with pytest.raises(DeadlineExceededError):
                await hosts.call("s", model(), timeout=0)
            assert jvm.calls.empty()

    run(scenario)


def test_many_threads_share_one_stream() -> None:
    """Concurrent callers each get the answer to their own question."""

    async def scenario() -> None:
        hosts = Hosts()
        results: dict[int, str] = {}
        async with attached(hosts, tools=("echo",)) as jvm:

            def ask(number: int) -> None:
                call = HostCall()
                call.tool.name = "echo"
                call.tool.arguments.entries.add(key="n").value.integer_value = number
                results[number] = hosts.call_blocking("s", call, timeout=5.0).tool.text_value

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
            for thread in threads:
                thread.start()
            for _ in threads:
                call = await jvm.calls.get()
                jvm.answer(call.number, tool={"text_value": str(call.tool.arguments.entries[0].value.integer_value)})
            for thread in threads:
                await asyncio.to_thread(thread.join, 5)
        assert results == {number: str(number) for number in range(20)}

    run(scenario)
