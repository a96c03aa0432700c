"""Writes dspy-prompts.json beside this file: what the real DSPy shows a model and what it reads in answers."""

import enum
import itertools
import json
import pathlib
import random
import typing
from typing import Any, Literal, Optional, Union

import dspy
import pydantic
from dspy.adapters.chat_adapter import ChatAdapter
from dspy.adapters.json_adapter import JSONAdapter


class Color(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(description="the full name")
    age: int = pydantic.Field(ge=0, le=150)
    nick_name: Optional[str] = None


class Team(pydantic.BaseModel):
    lead: Person
    members: list[Person]
    colour: Color


NAMES = {name: value for name, value in globals().items() if not name.startswith("_")} | vars(typing)
TYPES = [
    "str", "int", "float", "bool", "list[str]", "list[int]", "list[list[float]]", "dict[str, Any]", "dict[str, int]", "list",
    "dict", "Any", "Optional[int]", "Optional[str]", "Union[str, int]", "Union[int, float, None]", "list[Optional[str]]",
    "Literal['yes', 'no']", "Literal['it\\'s', 'so']", "Literal['say \"hi\"', 'it\\'s \"x\"']", "Literal[1, 2, 3]", "Literal['one']",
    "Literal[True, False]", "Optional[Literal['a', 'b']]", "list[Literal['a', 'b']]", "Color", "list[Color]", "Person", "list[Person]",
    "Team", "dict[str, Person]", "Optional[Color]",
]  # fmt: skip
VALUES = {
    "str": ["plain", "two\nlines ", "  indented", "", "é \"quoted\" «x»", ["one passage"], ["a", "b\nc", "«"], []],
    "int": [0, -7, 9007199254740993],
    "float": [0.5, 1.0, 1e-05, 1e22, 123456789.123, -0.0, 1e16, 0.1 + 0.2, 5e-324],
    "bool": [True, False],
    "list[str]": [["a", "b"], [], ["é\"\n"]],
    "list[int]": [[1, 2]],
    "list[list[float]]": [[[0.5], [1.0, 2.5]]],
    "dict[str, Any]": [{"a": 1, "b": [True, None, 1.5], "c": {"d": "\t"}}, {}],
    "dict[str, int]": [{"x": 1}],
    "Any": ["text", 3, None, [1, "a"], True],
    "Optional[int]": [None, 4],
    "Optional[str]": [None, "s"],
    "Literal['yes', 'no']": ["yes"],
    "Literal[1, 2, 3]": [2],
}  # fmt: skip
CONSTRAINTS = [
    ("int", {"ge": 1, "lt": 10}),
    ("float", {"gt": 0.5, "le": 1}),
    ("float", {"ge": -1.5, "multiple_of": 0.25}),
    ("str", {"min_length": 2, "max_length": 80}),
    ("list[str]", {"max_length": 3}),
]
ANSWERS = {
    "int": ["3", " 3 ", "three", "3.0", "3.5", "true", '"7"', "1_000", "[3]", "", "null", "- 3", "+4"],
    "float": ["0.5", "1", "1e3", "'2.5'", "half", "", "1,5", "50%"],
    "bool": ["True", "false", "yes", "no", "1", "0", "maybe", '"true"', "on"],
    "list[str]": ['["a", "b"]', "['a', 'b']", "[\"a\", \"b\",]", "```json\n[\"a\"]\n```", "a, b", "[]", "[1, 2]", '"a"'],
    "list[int]": ["[1, 2]", '["1", "2"]', "[1.0]", "1", "[1, x]"],
    "dict[str, int]": ['{"a": 1}', "{'a': 1}", "{a: 1}", '{"a": "1"}', '{"a": "x"}', "[]"],
    "Any": ["text", "3", '{"a": null}', "null", "None", "true", "  padded  "],
    "Optional[int]": ["3", "null", "None", "", "three"],
    "Optional[str]": ["text", "3", '"quoted"', ""],
    "Union[int, float, None]": ["3", "3.5", "null", "x"],
    "Literal['yes', 'no']": ["yes", " yes ", "'no'", '"no"', "Literal['yes']", "str[yes]", "YES", "maybe", "Literal[yes]"],
    "Literal[1, 2, 3]": ["2", "'2'", "4", "two", "2.0"],
    "Optional[Literal['a', 'b']]": ["a", '"b"', "null", "c"],
    "list[Literal['a', 'b']]": ['["a", "b"]', '["a", "c"]'],
    "Color": ["red", "DARK_BLUE", "dark blue", "green", "RED"],
    "list[Color]": ['["red", "dark blue"]', '["RED"]'],
    "Person": ['{"name": "A", "age": 3}', '{"name": "A", "age": "3", "nick_name": "B"}', '{"name": "A"}', '{"name": "A", "age": -1}', "A"],
    "list[Person]": ['[{"name": "A", "age": 3}]', "[]", '{"name": "A", "age": 3}'],
}  # fmt: skip
WHOLE = [
    "[[ ## a ## ]]\nhello\n\n[[ ## b ## ]]\n3\n\n[[ ## completed ## ]]",
    "[[ ## a ## ]] hello\n[[ ## b ## ]] 3",
    "before\n[[ ## a ## ]]\nx\n[[ ## zzz ## ]]\njunk\n[[ ## a ## ]]\ny\n[[ ## b ## ]]\n7\n[[ ## completed ## ]]\nafter",
    "[[ ## b ## ]]\n1\n[[ ## a ## ]]\n\n  inner\n\n\tlines\n\n",
    "[[ ## a ## ]]\n[[ ## b ## ]]\n3",
    "[[ ## a ## ]]\nx",
    "[[## a ##]]\nx\n[[ ## b ## ]]\n3",
    "text [[ ## a ## ]]\n[[ ## b ## ]]\n3",
    '{"a": "x", "b": 5}',
    'noise {"a": "x", "b": "5", "extra": 1} tail',
    '```json\n{"a": "x", "b": 5}\n```',
    '{"a": "x"}',
    "[1, 2]",
    '{"a": 7, "b": 5}',
    "{'a': 'x', 'b': 5,}",
    '{"a": "x {y} z", "b": 5}',
    '{"a": null, "b": 5}',
    '{"a": ["p"], "b": 5}',
    "no fields at all",
    "",
]
ADAPTERS = {"chat": ChatAdapter, "json": JSONAdapter}


def signature(fields, instructions):
    made = {}
    for f in fields:
        kind = dspy.InputField if f["side"] == "input" else dspy.OutputField
        described = {"desc": f["description"]} if "description" in f else {}
        made[f["name"]] = (eval(f["type"], NAMES), kind(**described, **f.get("constraints", {})))
    return dspy.Signature(made, instructions) if instructions is not None else dspy.Signature(made)


def typed(kind, value):
    return pydantic.TypeAdapter(eval(kind, NAMES)).validate_python(value) if kind in ("Color", "Person") else value


def prompt_case(fields, demonstrations, inputs, instructions=None):
    by_name = {f["name"]: f["type"] for f in fields}
    real = [{name: typed(by_name[name], value) for name, value in demo.items()} for demo in demonstrations]
    made = signature(fields, instructions)
    return {
        "fields": fields,
        "instructions": instructions,
        "demonstrations": demonstrations,
        "inputs": inputs,
        **{name: adapter().format(made, real, inputs) for name, adapter in ADAPTERS.items()},
    }


def field(side, name, kind, **more):
    return {"side": side, "name": name, "type": kind, **more}


def prompts():
    for kind in TYPES:
        yield prompt_case([field("input", "given", kind), field("output", "wanted", kind)], [], {})
    for kind, values in VALUES.items():
        fields = [field("input", "given", kind), field("output", "wanted", kind)]
        for value in values:
            yield prompt_case(fields, [{"given": value, "wanted": value}, {"wanted": value}], {"given": value})
    for kind, constraints in CONSTRAINTS:
        fields = [
            field("input", "given", kind, description="in", constraints=constraints),
            field("output", "wanted", kind, constraints=constraints),
            field("output", "last", kind, description="out", constraints=constraints),
        ]
        yield prompt_case(fields, [], {})
    for text in ["One line.", "", "First.\n    Second.\n\nThird.", "   indented\n     more\n", "\n\nlead\n", "ends \n with \ttabs"]:
        yield prompt_case([field("input", "q", "str"), field("output", "a", "str")], [], {"q": "?"}, text)
    random_source = random.Random(7)
    kinds = sorted(VALUES)
    for _ in range(60):
        fields = [field("input", f"i{n}", random_source.choice(kinds)) for n in range(random_source.randint(1, 3))]
        fields += [field("output", f"o{n}", random_source.choice(kinds)) for n in range(random_source.randint(1, 4))]
        for f in fields:
            if random_source.random() < 0.4:
                f["description"] = random_source.choice(["what it is", "two\nlines", " spaced ", "{braces}"])

        def some(chosen, share):
            return {f["name"]: random_source.choice(VALUES[f["type"]]) for f in chosen if random_source.random() < share}

        demonstrations = [some(fields, share) for share in (1, 0.6, 1, 0.3)]
        yield prompt_case(fields, demonstrations, some(fields[: sum(f["side"] == "input" for f in fields)], 0.8), "Do it.")


def read(adapter, fields, text):
    try:
        values = ADAPTERS[adapter]().parse(signature(fields, "Do it."), text)
    except Exception:
        return None
    return pydantic.TypeAdapter(dict[str, Any]).dump_python(values, mode="json", serialize_as_any=True)


def answers():
    pair = [field("input", "q", "str"), field("output", "a", "str"), field("output", "b", "int")]
    cases = [(pair, adapter, text, {}) for adapter, text in itertools.product(ADAPTERS, WHOLE)]
    for kind, texts in ANSWERS.items():
        fields = [field("input", "q", "str"), field("output", "wanted", kind)]
        for text in texts:
            cases.append((fields, "chat", f"[[ ## wanted ## ]]\n{text}\n\n[[ ## completed ## ]]", {"answer": text}))
            cases.append((fields, "json", json.dumps({"wanted": text}, ensure_ascii=False), {"answer": text}))
    for fields, adapter, text, wrapped in cases:
        yield {**wrapped, "fields": fields, "adapter": adapter, "text": text, "values": read(adapter, fields, text)}


if __name__ == "__main__":
    document = {"dspy": dspy.__version__, "prompts": list(prompts()), "answers": list(answers())}
    path = pathlib.Path(__file__).with_name("dspy-prompts.json")
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
