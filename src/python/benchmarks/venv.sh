#!/usr/bin/env bash
# Makes target/benchmark-venv with the libraries of requirements.txt, unless it is there already. Prints its Python.
# More packages may be named: src/python/benchmarks/venv.sh torch
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=$here/../../../target/benchmark-venv
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/requirements.txt"
fi
if [ $# -gt 0 ]; then
  "$venv/bin/pip" install --quiet "$@" >&2
fi
echo "$(cd "$venv" && pwd)/bin/python"
