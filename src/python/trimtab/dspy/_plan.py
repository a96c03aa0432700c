"""What one call of a module uses, decided before it begins.

A :class:`Plan` says, per predictor and per attribute, which values a call sees. It is immutable and travels in DSPy's own
settings, so it reaches exactly as far as ``dspy.context`` does: into nested modules, tasks of ``asyncio`` and the threads
of ``dspy.Parallel``, and not into another call. The module is never changed: its predictors and submodules are *views*
(:mod:`trimtab.dspy._views`), which look at the plan of the current call first.

A view is known by a key that its copies keep, so the plan also holds for the copies that ``BestOfN`` and ``Refine`` make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import dspy

__all__ = ["NO_PLAN", "Plan", "PredictorPlan", "current_plan", "planned"]

SETTING = "trimtab_plan"


@dataclass(frozen=True)
class PredictorPlan:
    """What one predictor sends: arguments of the model call, another model, other instructions, other demonstrations."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)  # of the model, such as its name and address
    signature: Any = None
    instructions: str | None = None
    demos: tuple[Any, ...] | None = None
    droppable: frozenset[str] = frozenset()  # arguments left out when the model is known to reject them

    def over(self, weaker: PredictorPlan | None) -> PredictorPlan:
        """This plan, and what a weaker one says of the rest."""
        if weaker is None:
            return self
        return PredictorPlan(
            arguments={**weaker.arguments, **self.arguments},
            identity={**weaker.identity, **self.identity},
            signature=weaker.signature if self.signature is None else self.signature,
            instructions=weaker.instructions if self.instructions is None else self.instructions,
            demos=weaker.demos if self.demos is None else self.demos,
            droppable=(weaker.droppable - self.arguments.keys()) | self.droppable,
        )


@dataclass(frozen=True)
class Plan:
    """The values of one call, all of one revision. ``forced`` values are a caller's own and beat every binding."""

    predictors: Mapping[str, PredictorPlan] = field(default_factory=dict)  # by the key of the view
    attributes: Mapping[tuple[str, str], Any] = field(default_factory=dict)  # by the key of the view and the name
    forced_predictors: Mapping[str, PredictorPlan] = field(default_factory=dict)
    forced_attributes: Mapping[tuple[str, str], Any] = field(default_factory=dict)

    def predictor(self, key: str) -> PredictorPlan | None:
        """What a predictor sends, or None if the plan does not mention it."""
        bound = self.predictors.get(key)
        forced = self.forced_predictors.get(key)
        return bound if forced is None else forced.over(bound)

    def attribute(self, key: str, name: str, otherwise: Any) -> Any:
        """What an attribute reads as."""
        place = (key, name)
        if place in self.forced_attributes:
            return self.forced_attributes[place]
        return self.attributes.get(place, otherwise)

    def within(self, outer: Plan) -> Plan:
        """This plan for a call made inside another one: its own bindings are nearer, the outer caller's word is final."""
        if outer is NO_PLAN:
            return self
        return Plan(
            predictors=_merged(outer.predictors, self.predictors),
            attributes={**outer.attributes, **self.attributes},
            forced_predictors=_merged(self.forced_predictors, outer.forced_predictors),
            forced_attributes={**self.forced_attributes, **outer.forced_attributes},
        )

    def as_forced(self) -> Plan:
        """The same values as a caller's own."""
        return Plan(forced_predictors=self.predictors, forced_attributes=self.attributes)


NO_PLAN = Plan()


def current_plan() -> Plan:
    """The plan of the call that is running here."""
    plan: Plan = dspy.settings.get(SETTING) or NO_PLAN
    return plan


def planned(plan: Plan) -> Any:
    """A ``dspy.context`` in which a plan holds."""
    return dspy.context(**{SETTING: plan.within(current_plan())})


def _merged(weak: Mapping[str, PredictorPlan], strong: Mapping[str, PredictorPlan]) -> dict[str, PredictorPlan]:
    return {**weak, **{key: plan.over(weak.get(key)) for key, plan in strong.items()}}
