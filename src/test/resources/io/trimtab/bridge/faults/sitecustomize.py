"""Python runs this module at its start: it breaks the sidecar, or keeps it busy, in the way that TRIMTAB_FAULT names."""

import os
import threading
import time

fault = os.environ.get("TRIMTAB_FAULT", "")


def spin(seconds):
    """Computes without pause."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))


def forget_events():
    """Keeps no log of events, which is no fault: who comes back gets the whole state."""
    from trimtab._store import Session

    real = Session.subscribe
    Session.subscribe = lambda self, subscriber, after: real(self, subscriber, None)


def forget_requests():
    """Carries every request out again that is sent again."""
    from trimtab._store import Session

    forget_events()  # else the client learns from the events what need not be sent again
    Session.recall = lambda self, client, sequence: None


def acknowledge_first():
    """Acknowledges every third set without applying it."""
    from trimtab import _server
    from trimtab._columns import columns, sets_of_columns
    from trimtab._events import commit_result

    real = _server.StateService._set
    calls = [0]

    def set_(self, sets, sequences, session, client, stream):
        results = []
        for at, sequence in enumerate(sequences):
            calls[0] += 1
            if calls[0] % 3 == 0:
                results.append(commit_result(sequence, session.revision))
            else:
                one = sets_of_columns(columns(sets.keys[at : at + 1], sets.values[at : at + 1]))
                results += real(self, one, [sequence], session, client, stream)
        return results

    _server.StateService._set = set_


def forget_to_restore():
    """Says that a state was restored and does nothing."""
    from trimtab import _server, _wire

    real = _server.StateService._import

    def import_(self, request, state):
        if not request.restore:
            return real(self, request, state)
        session, _ = self._server.sessions.open(request.session_id)
        response = _wire.ImportResponse(applied=True)
        response.position.incarnation = self._server.incarnation
        return response

    _server.StateService._import = import_


def resume_nothing():
    """Lets a client that comes back miss what happened meanwhile."""
    from trimtab._store import Session

    real = Session.subscribe

    def subscribe(self, subscriber, after):
        beginning = real(self, subscriber, after)
        return beginning if beginning.state is not None else beginning._replace(missed=())

    Session.subscribe = subscribe


def stick_in_c():
    """On SIGUSR1 computes in C for ever, without ever letting another thread run."""
    import signal

    signal.signal(signal.SIGUSR1, lambda *_: sum(range(1 << 62)))


def stick_in_c_unguarded():
    """The same, and nobody outside sees to the end."""
    stick_in_c()
    os.fork = lambda: 1


def leave_a_child():
    """On SIGUSR1 starts a process that does not end by itself, as a program may."""
    import signal
    import subprocess

    signal.signal(signal.SIGUSR1, lambda *_: subprocess.Popen(["sleep", "4321"]))


if fault.startswith("busy:"):
    threading.Thread(target=spin, args=(float(fault[5:]),), daemon=True).start()
elif fault:
    {
        "forget_events": forget_events,
        "forget_requests": forget_requests,
        "acknowledge_first": acknowledge_first,
        "forget_to_restore": forget_to_restore,
        "resume_nothing": resume_nothing,
        "stick_in_c": stick_in_c,
        "stick_in_c_unguarded": stick_in_c_unguarded,
        "leave_a_child": leave_a_child,
    }[fault]()
