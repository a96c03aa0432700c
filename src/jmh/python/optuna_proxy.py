"""Measures Optuna's GrpcStorageProxy: set_trial_param per second from one thread and from 64, storage in memory.

Prints two numbers. Run it with a Python that has optuna, grpcio and protobuf.
"""

import multiprocessing
import socket
import sys
import threading
import time

import optuna
from optuna.distributions import FloatDistribution
from optuna.storages import GrpcStorageProxy, InMemoryStorage, run_grpc_proxy_server
from optuna.study import StudyDirection

optuna.logging.set_verbosity(optuna.logging.ERROR)


def serve(port):
    """Runs the proxy's server."""
    run_grpc_proxy_server(InMemoryStorage(), host="127.0.0.1", port=port)


def rate(storage, trials, seconds):
    """Returns calls per second, one thread per trial."""
    counts = [0] * len(trials)
    end = time.perf_counter() + seconds

    def work(i):
        n = 0
        distribution = FloatDistribution(0, 1e9)
        while time.perf_counter() < end:
            storage.set_trial_param(trials[i], f"x{n % 10}", float(n), distribution)
            n += 1
        counts[i] = n

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(trials))]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def main():
    """Starts a server in another process and measures."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    server.start()
    storage = GrpcStorageProxy(host="127.0.0.1", port=port)
    storage.wait_server_ready(timeout=30)
    study = storage.create_new_study([StudyDirection.MINIMIZE], "bench")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    one = rate(storage, [storage.create_new_trial(study)], seconds)
    many = rate(storage, [storage.create_new_trial(study) for _ in range(64)], seconds)
    print(f"{one:.0f} {many:.0f}")
    server.terminate()


if __name__ == "__main__":
    main()
