"""A trivial DSPy program, which costs nothing but what running any costs; a sidecar that has no DSPy does without it."""

import time

try:
    import dspy
except ImportError:
    dspy = None

import trimtab

if dspy is not None:

    class Trivial(dspy.Module):
        """Answers a question with itself."""

        def forward(self, question):
            """Answers at once."""
            return dspy.Prediction(answer=question)

    @trimtab.program("trivial", signature="question -> answer")
    def trivial(session):
        """Builds it."""
        return Trivial()

else:

    @trimtab.program("nothing", signature="question -> answer")
    def nothing(session):
        """Stands in for it, since a sidecar is not started for a module without programs."""
        return lambda question: {"answer": question}


def calls(seconds):
    """Calls the module in this process for a while and returns the median in nanoseconds; -1 without DSPy."""
    if dspy is None:
        return -1
    module = Trivial()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter_ns()
        module(question="why?")
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[len(times) // 2]
