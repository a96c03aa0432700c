"""The support tickets of ``examples/data`` as DSPy examples."""

from __future__ import annotations

import json
from pathlib import Path

import dspy

TICKETS = Path(__file__).parent.parent / "data" / "tickets.jsonl"

TEAMS = (
    "billing",
    "outage",
    "bug",
    "how_to",
    "account_access",
    "feature_request",
    "cancellation",
    "security",
)


def shown(per_team: int) -> list[dspy.Example]:
    """The first training tickets of each team, teams in turn: those a model may see solved."""
    with TICKETS.open(encoding="utf-8") as lines:
        train = [ticket for ticket in map(json.loads, lines) if ticket["split"] == "train"]
    by_team = {team: [ticket for ticket in train if ticket["label"] == team] for team in TEAMS}
    return [
        dspy.Example(text=by_team[team][turn]["text"], label=team).with_inputs("text")
        for turn in range(per_team)
        for team in TEAMS
    ]
