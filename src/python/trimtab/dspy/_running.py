"""One run of a DSPy module, as a JVM asks for it."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import dspy
from dspy.utils.usage_tracker import UsageTracker

from trimtab._data import from_map, to_map
from trimtab._programs import Outcome
from trimtab._runs import SETTING as RUN
from trimtab._runs import Run
from trimtab.dspy._lm import HostLM
from trimtab.dspy._parameters import Parameters, demonstrations
from trimtab.dspy._plan import NO_PLAN, Plan, PredictorPlan, planned
from trimtab.dspy._signatures import field_type, fields_of, module_signature, read_inputs
from trimtab.dspy._views import key_of
from trimtab.exceptions import IllegalCallError

__all__ = ["DspyProgram"]

Message: TypeAlias = Any  # of the bridge's protocol


class DspyProgram:
    """A ``dspy.Module`` that a factory made. Safe for use by many runs at once, as the module is never changed."""

    def __init__(self, module: dspy.Module, name: str) -> None:
        self._module = module
        self._name = name
        self._parameters = Parameters(module)
        self._signature = module_signature(module)
        self._model = HostLM()
        self._is_async = _has_only(module, "aforward")

    # Describing

    def describe(self, description: Message) -> None:
        """Fills in the module's class, signature, predictors and bindings."""
        kind = type(self._module)
        description.type = f"{kind.__module__}.{kind.__qualname__}"
        if self._signature is not None and not description.HasField("signature"):
            _describe(description.signature, self._signature)
        for name, predictor in self._module.named_predictors():
            described = description.predictors.add(name=name)
            _describe(described.signature, predictor.signature)
            for number, demo in enumerate(predictor.demos):
                described.demonstrations.append(to_map(dict(demo), f"{name}.demos[{number}]"))
        for path, binding in self._bindings():
            description.bindings.add(
                parameter=f"{path}{binding.parameter}", variable=binding.variable, target=binding.target.value
            )

        description.parameters.extend(self._parameters)

    def _bindings(self) -> Iterator[tuple[str, Any]]:
        from trimtab.dspy._modules import VariableAwareMixin
        from trimtab.dspy._views import walk

        for path, part in walk(self._module):
            if isinstance(part, VariableAwareMixin):
                for binding in part.bindings.values():
                    yield (f"{path}." if path else ""), binding

    # Running

    def run(self, request: Message, run: Run) -> Outcome:
        """Runs the module with the request's inputs; raises whatever it raises."""
        inputs = read_inputs(self._signature, from_map(request.inputs), self._name)
        usage = _Usage()
        trace: list[tuple[Any, Mapping[str, Any], Any]] | None = [] if request.trace else None
        settings: dict[str, Any] = {
            RUN: run,
            "usage_tracker": usage,
            "trace": trace,
            "disable_history": True,  # a sidecar lives long, and prompts do not belong into its memory
        }
        if dspy.settings.lm is None:
            settings["lm"] = self._model
        with dspy.context(**settings), planned(self._plan(request)):
            if self._is_async:
                answer = run.run_async(lambda: self._module.acall(**inputs))
            else:
                answer = self._module(**inputs)
                if inspect.isawaitable(answer):
                    awaited = answer

                    async def wait() -> Any:
                        return await awaited

                    answer = run.run_async(wait)
        return Outcome(
            outputs=_outputs(answer),
            completions=_completions(answer),
            usage=usage.totals(),
            trace=list(self._steps(trace)) if trace else (),
        )

    def _plan(self, request: Message) -> Plan:
        """The request's own values, which beat every binding."""
        if not request.parameters.entries and not request.predictors:
            return NO_PLAN
        plan = self._parameters.plan(from_map(request.parameters))
        predictors = dict(plan.predictors)
        names = dict(self._module.named_predictors())
        unknown = [own.name for own in request.predictors if own.name not in names]
        if unknown:
            raise IllegalCallError(
                f"{self._name}: expected known predictors, got {unknown}; its predictors are {list(names)}"
            )
        for own in request.predictors:
            key = key_of(names[own.name])
            override = PredictorPlan(
                instructions=own.instructions if own.HasField("instructions") else None,
                demos=demonstrations(map(from_map, own.demonstrations.examples))
                if own.HasField("demonstrations")
                else None,
            )
            predictors[key] = override.over(predictors.get(key))
        return Plan(predictors=predictors, attributes=plan.attributes).as_forced()

    def _steps(self, trace: list[tuple[Any, Mapping[str, Any], Any]]) -> Iterator[tuple[str, Any, Any]]:
        names = {key_of(predictor): name for name, predictor in self._module.named_predictors()}
        for predictor, inputs, outputs in list(trace):
            key = vars(predictor).get("_trimtab_key")
            yield names.get(str(key), ""), dict(inputs), _outputs(outputs)


class _Usage(UsageTracker):  # type: ignore[misc]  # DSPy has no types
    """Counts the tokens of one run. DSPy copies trackers into the threads of ``Parallel``; this one stays one."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def __deepcopy__(self, memo: dict[int, Any]) -> _Usage:
        return self

    def add_usage(self, lm: str, usage_entry: dict[str, Any]) -> None:
        with self._lock:
            super().add_usage(lm, usage_entry)

    def totals(self) -> dict[str, int]:
        """The sums over all models, under the names of the protocol; what no model reported is absent."""
        totals: dict[str, int] = {}

        def add(name: str, count: Any) -> None:
            if isinstance(count, int) and not isinstance(count, bool):
                totals[name] = totals.get(name, 0) + count

        with self._lock:
            for entries in self.usage_data.values():
                for entry in entries:
                    add("input_tokens", entry.get("prompt_tokens"))
                    add("output_tokens", entry.get("completion_tokens"))
                    add("total_tokens", entry.get("total_tokens"))
                    add("cached_tokens", (entry.get("prompt_tokens_details") or {}).get("cached_tokens"))
                    add("reasoning_tokens", (entry.get("completion_tokens_details") or {}).get("reasoning_tokens"))
        return totals


def _outputs(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, (dspy.Prediction, dspy.Example)):
        return dict(answer.items())
    if isinstance(answer, Mapping):
        return answer
    return {} if answer is None else {"output": answer}


def _completions(answer: Any) -> list[Mapping[str, Any]]:
    completions = getattr(answer, "completions", None)
    if not isinstance(answer, dspy.Prediction) or completions is None or len(completions) < 2:
        return []
    return [_outputs(completions[number]) for number in range(len(completions))]


def _describe(wire: Message, signature: Any) -> None:
    wire.instructions = signature.instructions
    for described, fields in ((wire.inputs, signature.input_fields), (wire.outputs, signature.output_fields)):
        for name, kind, description in fields_of(fields):
            described.add(name=name, type=field_type(kind), description=description)


def _has_only(module: dspy.Module, entry: str) -> bool:
    """Whether a module has an ``aforward`` and no ``forward``."""
    kind = type(module)
    return callable(getattr(kind, entry, None)) and not callable(getattr(kind, "forward", None))
