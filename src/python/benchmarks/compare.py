"""Sets our samplers beside the peers': medians of the best value, and whether a difference could be chance.

    python compare.py OURS.csv PEERS.csv ...

For each function and checkpoint: the median of each sampler, and for each of ours against each peer and against our random search
the two-sided p of the Mann-Whitney test, marked ``+`` where ours is better and ``-`` where it is worse at 5 %.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
from collections import defaultdict
from pathlib import Path

from scipy.stats import mannwhitneyu

CHECKPOINTS = ("best25", "best50", "best100", "best200")
Results = dict[str, dict[str, list[dict[str, str]]]]


def _read(files: list[Path]) -> Results:
    """Reads lines by function and sampler."""
    results: Results = defaultdict(lambda: defaultdict(list))
    for path in files:
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                results[row["function"]][row["sampler"]].append(row)
    return results


def _values(rows: list[dict[str, str]], checkpoint: str) -> list[float]:
    return [float(row[checkpoint]) for row in rows if row[checkpoint]]


def _shown(values: list[float]) -> str:
    return f"{statistics.median(values):.5g}" if values else "-"


def _verdict(ours: list[float], theirs: list[float]) -> str:
    if min(len(ours), len(theirs)) < 8 or all(math.isinf(v) for v in theirs):
        return "-"
    p = float(mannwhitneyu(ours, theirs).pvalue)
    better = float(mannwhitneyu(ours, theirs, alternative="less").pvalue) < 0.5
    mark = "" if p >= 0.05 else "+" if better else "-"
    return f"{p:.2g}{mark}" if p >= 1e-4 else f"<1e-4{mark}"


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def compare(ours: Results, peers: Results) -> str:
    """Returns the table as Markdown."""
    head = ["function", "sampler", "runs", *(c.removeprefix("best") for c in CHECKPOINTS), "CPU s"]
    lines = []
    for function, samplers in ours.items():
        theirs = peers.get(function, {})
        for name, rows in [*samplers.items(), *theirs.items()]:
            seconds = statistics.median(float(row["seconds"]) for row in rows)
            medians = [_shown(_values(rows, c)) for c in CHECKPOINTS]
            lines.append([function, name, str(len(rows)), *medians, f"{seconds:.3g}"])
        for name, rows in samplers.items():
            others = {
                **theirs,
                **{other: samplers[other] for other in ("random",) if other in samplers and other != name},
            }
            for peer, peer_rows in others.items():
                verdicts = [_verdict(_values(rows, c), _values(peer_rows, c)) for c in CHECKPOINTS]
                lines.append([function, f"p of {name} against {peer}", "", *verdicts, ""])
    return _table(head, lines)


def main() -> None:
    """Parses the command line and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", type=Path)
    parser.add_argument("peers", type=Path, nargs="+")
    args = parser.parse_args()
    print(compare(_read([args.ours]), _read(args.peers)))


if __name__ == "__main__":
    main()
