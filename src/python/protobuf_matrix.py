"""Runs the tests that touch the wire with each major version of protobuf, in an environment of its own.

python src/python/protobuf_matrix.py [version ...]      by default 5, 6 and 7
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent
TESTS = ["values", "store_model", "server", "context", "spaces", "exports"]


def check(version: str, directory: Path) -> bool:
    """Makes an environment with one major version and runs the tests in it."""
    venv.create(directory, with_pip=True)
    python = directory / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    packages = [f"protobuf=={version}.*", "grpcio", "pytest", "hypothesis"]
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)
    found = "import google.protobuf as p, grpc; print(f'protobuf {p.__version__}, grpcio {grpc.__version__}')"
    subprocess.run([python, "-c", found], check=True)
    files = [f"tests/test_{name}.py" for name in TESTS]
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    return subprocess.run(command, cwd=HERE, check=False).returncode == 0


def main(versions: list[str]) -> int:
    """Checks every version and says which failed."""
    failed = []
    for version in versions or ["5", "6", "7"]:
        with tempfile.TemporaryDirectory() as directory:
            if not check(version, Path(directory) / "venv"):
                failed.append(version)
    print("failed: " + ", ".join(failed) if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
