"""Regular expressions of RE2 syntax that take time linear in the text.

Python's ``re`` backtracks, so one pattern can keep it busy for years, and it reads the syntax differently. Only one question is asked of
a variable's pattern: does it match the whole text? For that an automaton is enough: captures and greediness do not matter.

How it works: the pattern is parsed by RE2's rules into a small tree, compiled to Thompson's nondeterministic automaton [1], and run as a
deterministic one whose states are made when first needed and kept in a bounded cache [2]. A step costs one dictionary look-up once its
state is known and O(pattern) when it is not, so a match never costs more than O(pattern * text).

Differences from the JVM's RE2/J: Unicode scripts such as ``\\p{Greek}`` are refused, since Python has no table of them; general
categories are those of Python's Unicode version; groups nest at most 100 deep.

[1] Thompson, Regular expression search algorithm, CACM 1968.  [2] Cox, Regular expression matching in the wild, 2010.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache
from typing import Any, NamedTuple

MAX_PROGRAM = 10_000
MAX_CACHED_STEPS = 20_000
MAX_REPEAT = 1000
MAX_NESTING = 100
_LAST = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]


class PatternError(ValueError):
    """A pattern is not of RE2 syntax, or too large."""


def pattern_cost(pattern: str) -> float:
    """Returns roughly how many instructions a pattern compiles to, without compiling it.

    RE2 unrolls counted repetitions, so ``((((a{100}){100}){100}){100}`` is a hundred million instructions. One pass with a stack of open
    groups: an atom costs 1, a group the sum of its parts, {n,m} multiplies what stands before it; in doubt it errs upwards.
    """
    outer: list[float] = []
    total = last = 0.0
    at = 0
    end = len(pattern)

    def group() -> None:
        nonlocal total, last
        last = total + 2
        total = (outer.pop() if outer else 0.0) + last

    while at < end:
        c = pattern[at]
        at += 1
        cost = 1.0
        if c == "(":
            outer.append(total)
            total = last = 0.0
            continue
        if c == ")":
            group()
            continue
        if c == "{":
            most = number = 0
            i = at
            while i < end and (pattern[i].isdigit() or pattern[i] == ","):
                number = 0 if pattern[i] == "," else min(number * 10 + int(pattern[i]), 1_000_000)
                most = max(most, number)
                i += 1
            if most > 0:
                total += last * most
                last *= most + 1
                at = i
                continue
        elif c == "\\":
            if pattern[at : at + 1] == "Q":
                stop = pattern.find("\\E", at)
                cost = float((stop if stop >= 0 else end) - at)
                at = stop + 2 if stop >= 0 else end
            else:
                at += 1
        elif c == "[":
            i = first = at + (pattern[at : at + 1] == "^")
            while i < end:
                if pattern[i] == "\\":
                    i += 1
                elif pattern[i] == "]" and i > first:
                    at = i + 1
                    break
                i += 1
        total += cost
        last = cost
    while outer:
        group()
    return total


# Sets of characters, as sorted disjoint ranges of code points


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def _negated(ranges: Ranges) -> Ranges:
    result = []
    at = 0
    for low, high in ranges:
        if at < low:
            result.append((at, low - 1))
        at = high + 1
    if at <= _LAST:
        result.append((at, _LAST))
    return tuple(result)


def _contains(ranges: Ranges, code: int) -> bool:
    i = bisect_right(ranges, (code, _LAST)) - 1
    return i >= 0 and code <= ranges[i][1]


def _of(*chars: str) -> Ranges:
    return _merged([(ord(c[0]), ord(c[-1])) for c in chars])


_DIGIT = _of("09")
_SPACE = _of("\t", "\n", "\f", "\r", " ")
_WORD = _of("09", "AZ", "az", "_")
_PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_POSIX = {
    "alnum": _of("09", "AZ", "az"),
    "alpha": _of("AZ", "az"),
    "ascii": ((0, 0x7F),),
    "blank": _of("\t", " "),
    "cntrl": ((0, 0x1F), (0x7F, 0x7F)),
    "digit": _DIGIT,
    "graph": _of("!~"),
    "lower": _of("az"),
    "print": _of(" ~"),
    "punct": _of("!/", ":@", "[`", "{~"),
    "space": _of("\t\r", " "),
    "upper": _of("AZ"),
    "word": _WORD,
    "xdigit": _of("09", "AF", "af"),
}
_ANY: Ranges = ((0, _LAST),)
_NOT_NEWLINE = _negated(_of("\n"))


@cache
def _category(name: str) -> Ranges:
    """Returns the code points of a general category, such as Lu or L."""
    if name == "Any":
        return _ANY
    ranges: list[tuple[int, int]] = []
    start = -1
    for code in range(_LAST + 2):
        inside = code <= _LAST and unicodedata.category(chr(code)).startswith(name)
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            ranges.append((start, code - 1))
            start = -1
    if not ranges or len(name) > 2:
        raise PatternError(f"unknown or unsupported Unicode class {name!r}")
    return tuple(ranges)


@cache
def _orbits() -> dict[int, tuple[int, ...]]:
    """Returns, for each code point with case, all code points it is equal to when case is ignored."""
    groups: dict[str, list[int]] = {}
    for code in range(_LAST + 1):
        c = chr(code)
        if c.lower() != c or c.upper() != c or c.casefold() != c:
            folded = c.casefold() if len(c.casefold()) == 1 else c.lower()
            if len(folded) == 1:
                groups.setdefault(folded, []).append(code)
    orbits: dict[int, tuple[int, ...]] = {}
    for folded, codes in groups.items():
        orbit = tuple(sorted({*codes, ord(folded)}))
        for code in orbit:
            orbits[code] = orbit
    return orbits


def _folded(ranges: Ranges) -> Ranges:
    more = [(other, other) for code, orbit in _orbits().items() if _contains(ranges, code) for other in orbit]
    return _merged([*ranges, *more])


# The tree: nested tuples ("chars", ranges), ("look", kind), ("cat", nodes), ("alt", nodes), ("repeat", node, least, most)

Node = tuple[Any, ...]


class _Flags(NamedTuple):
    i: bool = False
    m: bool = False
    s: bool = False
    U: bool = False


class _Open:
    """A group whose end has not come yet."""

    def __init__(self, flags: _Flags) -> None:
        self.flags = flags  # to be restored at its end
        self.branches: list[Node] = []
        self.parts: list[Node] = []
        self.repeated = False  # whether the last part ends in a repetition operator

    def node(self) -> Node:
        branches = [*self.branches, ("cat", tuple(self.parts))]
        return branches[0] if len(branches) == 1 else ("alt", tuple(branches))


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.flags = _Flags()
        self.names: set[str] = set()
        self.open = [_Open(self.flags)]

    def parse(self) -> Node:
        text = self.text
        while self.at < len(text):
            c = text[self.at]
            self.at += 1
            here = self.open[-1]
            if c == "(":
                self.begin_group()
            elif c == ")":
                if len(self.open) == 1:
                    raise PatternError("unexpected )")
                self.open.pop()
                self.flags = here.flags
                self.add(here.node())
            elif c == "|":
                here.branches.append(("cat", tuple(here.parts)))
                here.parts = []
                here.repeated = False
            elif c in "*+?":
                self.repeat(c, *{"*": (0, None), "+": (1, None), "?": (0, 1)}[c])
            elif c == "{":
                bounds = self.bounds()
                if bounds is None:
                    self.literal(c)
                else:
                    self.repeat("{", *bounds)
            elif c == "^":
                self.add(("look", "line_begin" if self.flags.m else "text_begin"))
            elif c == "$":
                self.add(("look", "line_end" if self.flags.m else "text_end"))
            elif c == ".":
                self.add(("chars", _ANY if self.flags.s else _NOT_NEWLINE))
            elif c == "[":
                self.add(("chars", self.char_class()))
            elif c == "\\":
                self.escape()
            else:
                self.literal(c)
        if len(self.open) != 1:
            raise PatternError("missing closing )")
        return self.open[0].node()

    def add(self, node: Node) -> None:
        self.open[-1].parts.append(node)
        self.open[-1].repeated = False

    def literal(self, c: str) -> None:
        ranges = _of(c)
        self.add(("chars", _folded_literal(ord(c)) if self.flags.i else ranges))

    def repeat(self, operator: str, least: int, most: int | None) -> None:
        here = self.open[-1]
        if not here.parts:
            raise PatternError(f"missing argument to repetition operator {operator!r}")
        if here.repeated:
            raise PatternError("invalid nested repetition operator")
        if self.text[self.at : self.at + 1] == "?":
            self.at += 1  # lazy; which of several matches is found does not matter
        here.parts[-1] = ("repeat", here.parts[-1], least, most)
        here.repeated = True

    def bounds(self) -> tuple[int, int | None] | None:
        """Reads what follows {, or returns None and stays if it is no repetition."""
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at : max(end, self.at)].partition(",")
        if end < 0 or not _is_number(low) or not (high == "" or _is_number(high)):
            return None
        least = int(low)
        most = least if not comma else int(high) if high else None
        if max(least, most or 0) > MAX_REPEAT or (most is not None and least > most):
            raise PatternError(f"invalid repeat count {{{self.text[self.at : end]}}}")
        self.at = end + 1
        return least, most

    def begin_group(self) -> None:
        group = _Open(self.flags)
        if self.text[self.at : self.at + 1] == "?":
            rest = self.text[self.at + 1 :]
            if rest.startswith(("P<", "<")):
                self.name(rest)
            elif not self.flag_group():
                return
        if len(self.open) > MAX_NESTING:
            raise PatternError(f"groups nested deeper than {MAX_NESTING}")
        self.open.append(group)

    def name(self, rest: str) -> None:
        begin = rest.index("<") + 1
        end = rest.find(">")
        name = rest[begin:end]
        if end < 0 or not name or not all(_contains(_WORD, ord(c)) for c in name):
            raise PatternError(f"invalid named capture (?{rest[: max(end, 2) + 1]}")
        if name in self.names:
            raise PatternError(f"duplicate capture group name {name!r}")
        self.names.add(name)
        self.at += 1 + end + 1

    def flag_group(self) -> bool:
        """Reads (?flags) or (?flags:; returns whether a group was opened."""
        flags, on, seen = self.flags, True, False
        i = self.at + 1
        while i < len(self.text):
            c = self.text[i]
            i += 1
            if c in "imsU":
                flags = flags._replace(**{c: on})
                seen = True
            elif c == "-" and on:
                on, seen = False, False
            elif c in ":)" and (on or seen):
                self.at = i
                self.flags = flags
                return c == ":"
            else:
                break
        raise PatternError(f"invalid or unsupported Perl syntax {self.text[self.at - 1 : i]!r}")

    def escape(self) -> None:
        text = self.text
        if self.at == len(text):
            raise PatternError("trailing backslash at end of expression")
        c = text[self.at]
        look = {"A": "text_begin", "z": "text_end", "b": "word", "B": "not_word"}.get(c)
        if look is not None:
            self.at += 1
            self.add(("look", look))
        elif c == "Q":
            end = text.find("\\E", self.at)
            quoted = text[self.at + 1 : end if end >= 0 else len(text)]
            self.at = end + 2 if end >= 0 else len(text)
            for q in quoted:
                self.literal(q)
        elif c == "E":
            self.at += 1
        else:
            ranges = self.class_escape()
            if ranges is not None:
                self.add(("chars", _folded(ranges) if self.flags.i else ranges))
            else:
                self.literal(chr(self.char_escape()))

    def class_escape(self) -> Ranges | None:
        """Reads \\d, \\pL and the like after the backslash, or returns None and stays."""
        c = self.text[self.at]
        if c.lower() in _PERL:
            self.at += 1
            return _PERL[c] if c in _PERL else _negated(_PERL[c.lower()])
        if c not in "pP":
            return None
        self.at += 1
        name = self.text[self.at : self.at + 1]
        self.at += 1
        if name == "{":
            end = self.text.find("}", self.at)
            if end < 0:
                raise PatternError("invalid character class range")
            name = self.text[self.at : end]
            self.at = end + 1
        negative = (c == "P") != name.startswith("^")
        if not name.lstrip("^"):
            raise PatternError("invalid character class range")
        ranges = _category(name.lstrip("^"))
        return _negated(ranges) if negative else ranges

    def char_escape(self) -> int:
        """Reads one escaped character after the backslash."""
        text = self.text
        c = text[self.at]
        self.at += 1
        simple = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}.get(c)
        if simple is not None:
            return simple
        if c in "01234567" and (c == "0" or text[self.at : self.at + 1] in tuple("01234567")):
            end = self.at
            while end < min(self.at + 2, len(text)) and text[end] in "01234567":
                end += 1
            code = int(text[self.at - 1 : end], 8)
            self.at = end
            return code
        if c == "x":
            if text[self.at : self.at + 1] == "{":
                end = text.find("}", self.at)
                digits = text[self.at + 1 : max(end, 0)]
                self.at = end + 1
            else:
                digits = text[self.at : self.at + 2]
                self.at += 2
                if len(digits) != 2:
                    digits = ""
            if digits and all(d in "0123456789abcdefABCDEF" for d in digits) and int(digits, 16) <= _LAST:
                return int(digits, 16)
        elif c < "\x80" and not c.isalnum():
            return ord(c)
        raise PatternError(f"invalid escape sequence \\{c}")

    def char_class(self) -> Ranges:
        text = self.text
        start = self.at - 1
        negative = text[self.at : self.at + 1] == "^"
        self.at += negative
        ranges: list[tuple[int, int]] = []
        first = True
        while True:
            if self.at >= len(text):
                raise PatternError(f"missing closing ] in {text[start:]}")
            if text[self.at] == "]" and not first:
                self.at += 1
                break
            first = False
            ranges.extend(self.class_item())
        result = _merged(ranges)
        if self.flags.i:
            result = _folded(result)
        return _negated(result) if negative else result

    def class_item(self) -> Ranges:
        text = self.text
        if text.startswith("[:", self.at):
            end = text.find(":]", self.at + 2)
            if end >= 0:
                name = text[self.at + 2 : end]
                posix = _POSIX.get(name.lstrip("^"))
                if posix is None:
                    raise PatternError(f"invalid character class range [:{name}:]")
                self.at = end + 2
                return _negated(posix) if name.startswith("^") else posix
        if text[self.at] == "\\" and self.at + 1 < len(text):
            self.at += 1
            ranges = self.class_escape()
            if ranges is not None:
                return ranges
            self.at -= 1
        low = self.class_char()
        high = low
        if text.startswith("-", self.at) and self.at + 1 < len(text) and text[self.at + 1] != "]":
            self.at += 1
            high = self.class_char()
        if high < low:
            raise PatternError(f"invalid character class range {chr(low)}-{chr(high)}")
        return ((low, high),)

    def class_char(self) -> int:
        c = self.text[self.at]
        self.at += 1
        if c != "\\":
            return ord(c)
        if self.at == len(self.text):
            raise PatternError("trailing backslash at end of expression")
        return self.char_escape()


def _folded_literal(code: int) -> Ranges:
    if code < 0x80 and not chr(code).isalpha():
        return ((code, code),)
    return _merged([(other, other) for other in _orbits().get(code, (code,))])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


# The automaton

_CHARS, _SPLIT, _LOOK, _MATCH = range(4)

# What stands before or after a place.
_EDGE, _NEWLINE, _WORDLIKE, _OTHER = range(4)

_LOOKS = {
    "text_begin": lambda before, after: before == _EDGE,
    "text_end": lambda before, after: after == _EDGE,
    "line_begin": lambda before, after: before in (_EDGE, _NEWLINE),
    "line_end": lambda before, after: after in (_EDGE, _NEWLINE),
    "word": lambda before, after: (before == _WORDLIKE) != (after == _WORDLIKE),
    "not_word": lambda before, after: (before == _WORDLIKE) == (after == _WORDLIKE),
}


def _kind(c: str) -> int:
    if c == "\n":
        return _NEWLINE
    return _WORDLIKE if c < "\x80" and (c.isalnum() or c == "_") else _OTHER


class _Program:
    """Thompson's automaton: instruction i is (operation, argument, next, other next)."""

    def __init__(self, tree: Node) -> None:
        self.ops: list[tuple[int, object, int, int]] = [(_MATCH, None, 0, 0)]
        self.looks = False
        self.start = self.compile(tree, 0)

    def emit(self, op: int, argument: object, then: int, other: int = 0) -> int:
        if len(self.ops) > MAX_PROGRAM:
            raise PatternError("expression nests or repeats too much")
        self.ops.append((op, argument, then, other))
        return len(self.ops) - 1

    def compile(self, node: Node, then: int) -> int:
        """Emits a node that goes on to ``then``; returns where it begins."""
        kind = node[0]
        if kind == "chars":
            return self.emit(_CHARS, node[1], then)
        if kind == "look":
            self.looks = True
            return self.emit(_LOOK, _LOOKS[node[1]], then)
        if kind == "cat":
            for part in reversed(node[1]):
                then = self.compile(part, then)
            return then
        if kind == "alt":
            starts = [self.compile(branch, then) for branch in node[1]]
            begin = starts[-1]
            for start in reversed(starts[:-1]):
                begin = self.emit(_SPLIT, None, start, begin)
            return begin
        _, body, least, most = node
        if most is None:
            loop = self.emit(_SPLIT, None, 0, then)
            self.ops[loop] = (_SPLIT, None, self.compile(body, loop), then)
            then = loop
        else:
            end = then
            for _ in range(most - least):
                then = self.emit(_SPLIT, None, self.compile(body, then), end)
        for _ in range(least):
            then = self.compile(body, then)
        return then

    def closure(self, states: frozenset[int], before: int, after: int) -> list[int]:
        """Returns the instructions reached without reading, at a place between two kinds of characters."""
        seen = set(states)
        stack = list(states)
        while stack:
            op, argument, then, other = self.ops[stack.pop()]
            if op == _SPLIT:
                targets: tuple[int, ...] = (then, other)
            elif op == _LOOK and argument(before, after):  # type: ignore[operator]
                targets = (then,)
            else:
                continue
            for target in targets:
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return list(seen)


class _State:
    """A state of the deterministic automaton: what may come next, and what stood before."""

    __slots__ = ("accepts", "before", "places", "steps")

    def __init__(self, places: frozenset[int], before: int) -> None:
        self.places = places
        self.before = before
        self.steps: dict[str, _State] = {}
        self.accepts: bool | None = None


class Pattern:
    """A compiled pattern. Safe for use by many threads: what they race for is equal whoever computes it."""

    def __init__(self, pattern: str) -> None:
        self._program = _Program(_Parser(pattern).parse())
        self._forget()

    def _forget(self) -> None:
        self._cached = 0
        self._start = _State(frozenset({self._program.start}), _EDGE)
        self._states = {(self._start.places, _EDGE): self._start}

    def matches(self, text: str) -> bool:
        """Tells whether the pattern matches the whole text."""
        state = self._start
        for c in text:
            following = state.steps.get(c)
            if following is None:
                following = self._step(state, c)
            state = following
            if not state.places:
                return False
        if state.accepts is None:
            state.accepts = 0 in self._program.closure(state.places, state.before, _EDGE)
        return state.accepts

    def _step(self, state: _State, c: str) -> _State:
        program = self._program
        if self._cached >= MAX_CACHED_STEPS:
            self._forget()
        kind = _kind(c)
        code = ord(c)
        targets = []
        for place in program.closure(state.places, state.before, kind):
            op, argument, then, _ = program.ops[place]
            if op == _CHARS and _contains(argument, code):  # type: ignore[arg-type]
                targets.append(then)
        places = frozenset(targets)
        key = (places, kind if program.looks else _OTHER)
        following = self._states.get(key)
        if following is None:
            following = self._states[key] = _State(*key)
        state.steps[c] = following
        self._cached += 1
        return following
