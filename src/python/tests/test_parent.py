"""How the guard tells whether the process that started a sidecar lives."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from trimtab.__main__ import _lives


def test_a_process_lives() -> None:
    """This one does."""
    assert _lives(os.getpid())


def test_a_process_that_has_ended_lives_no_more() -> None:
    """Its number is nobody's."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert not _lives(process.pid)


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")
def test_a_process_nobody_asked_about_lives_no_more() -> None:
    """One that was killed takes signals until its own parent has asked how it ended, which may be never."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended and is not asked
    os.kill(process.pid, 0)
    assert not _lives(process.pid)
    process.wait()
