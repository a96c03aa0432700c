"""What DSPy's signatures say of a program's inputs and outputs."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import dspy
import pydantic

from trimtab.exceptions import InvalidValueError, Violation

__all__ = ["field_type", "fields_of", "module_signature", "read_inputs"]


def module_signature(module: dspy.Module) -> Any:
    """The signature of a whole module, or None if it cannot be seen: that of an agent, of a predictor, or of the only one."""
    own = vars(module).get("signature")
    if isinstance(own, type) and issubclass(own, dspy.Signature):
        return own
    predictors = module.predictors()
    if len(predictors) != 1:
        return None
    signature = predictors[0].signature
    if isinstance(module, dspy.ChainOfThought):
        return signature.delete("reasoning")
    if isinstance(module, dspy.Predict) or _passes_on(module, signature):
        return signature
    return None


def _passes_on(module: dspy.Module, signature: Any) -> bool:
    """Whether a module's ``forward`` takes just what its only predictor takes."""
    forward = getattr(type(module), "forward", None)
    if forward is None:
        return False
    parameters = [p for p in inspect.signature(forward).parameters.values() if p.name != "self"]
    return {p.name for p in parameters} == set(signature.input_fields)


def fields_of(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Name, annotation and description of each field."""
    for name, field in fields.items():
        described = (field.json_schema_extra or {}).get("desc") or ""
        yield name, field.annotation, "" if described == f"${{{name}}}" else described


def field_type(annotation: Any) -> str:
    """An annotation in Python's words, such as ``list[str]``."""
    if annotation is type(None):
        return "None"
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def read_inputs(signature: Any, inputs: Mapping[str, Any], program: str) -> dict[str, Any]:
    """Inputs as a program takes them: all that it needs, nothing else, and typed values of models and enums."""
    if signature is None:
        return dict(inputs)
    fields = signature.input_fields
    violations = [
        Violation(f"{program}.{name}", f"one of the inputs {', '.join(fields)}")
        for name in inputs
        if name not in fields
    ]
    read: dict[str, Any] = {}
    for name, field in fields.items():
        if name in inputs:
            try:
                read[name] = _typed(field.annotation, inputs[name])
            except pydantic.ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, (f"{program}.{name}", *first["loc"])))
                violations.append(
                    Violation(where, f"{field_type(field.annotation)} ({first['msg']})", repr(first["input"]))
                )
        elif field.is_required() and type(None) not in get_args(field.annotation):
            violations.append(Violation(f"{program}.{name}", "an input", "none"))
    if violations:
        raise InvalidValueError(violations)
    return read


def _typed(annotation: Any, value: Any) -> Any:
    """A value as its annotation wants it, where JSON alone cannot say it; text and numbers are DSPy's to judge."""
    return pydantic.TypeAdapter(annotation).validate_python(value) if _is_rich(annotation) else value


def _is_rich(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, (pydantic.BaseModel, enum.Enum)):
        return True
    return _any_rich(get_args(annotation))


def _any_rich(annotations: Iterable[Any]) -> bool:
    return any(_is_rich(annotation) for annotation in annotations)
