"""Patterns: RE2's syntax, whole matches, linear time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab._patterns import Pattern, PatternError, pattern_cost


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("", [""], ["a"]),
        ("abc", ["abc"], ["ab", "abcd", "xabc"]),
        ("a|b|", ["a", "b", ""], ["ab"]),
        ("a*b+c?", ["b", "aabbc"], ["a", "cc"]),
        ("a{2}b{1,2}c{1,}", ["aabc", "aabbccc"], ["abc", "aabbbc"]),
        ("a{,2}", ["a{,2}"], ["aa"]),
        ("(?:ab)*", ["", "abab"], ["aba"]),
        ("(?P<x>a)(?<y>b)", ["ab"], ["a"]),
        ("a*?b+?", ["aab"], ["a"]),
        (".", ["x", "\U0001f600"], ["\n", ""]),
        ("(?s).", ["\n"], [""]),
        ("[a-c]", ["b"], ["d"]),
        ("[^a-c]", ["d", "\n"], ["b"]),
        ("[]a]+", ["]a"], ["b"]),
        ("[a\\-z]+", ["a-z"], ["b"]),
        ("[a-]+", ["-a"], ["b"]),
        ("\\d+\\s\\w*", ["12 x_9", "1\t"], ["a x"]),
        ("\\D\\S\\W", ["ab!"], ["1b!", "abc"]),
        ("[\\d.]+", ["1.5"], ["a"]),
        ("[[:alpha:]]+", ["abc"], ["a1"]),
        ("[[:^digit:]]", ["a"], ["1"]),
        ("\\pL+", ["äß"], ["1"]),
        ("\\p{Lu}", ["Ä"], ["ä"]),
        ("\\P{Lu}", ["ä"], ["Ä"]),
        ("\\p{^Lu}", ["ä"], ["Ä"]),
        ("\\x41\\x{1F600}\\101", ["A\U0001f600A"], ["A"]),
        ("\\.\\*\\\\", [".*\\"], ["x"]),
        ("\\Qa.b*\\E+", ["a.b**"], ["aXb"]),
        ("(?i)straSSe", ["STRASSE", "strasse"], ["stra"]),
        ("(?i)k[s-t]", ["\u212aS", "K\u017f"], ["x"]),
        ("(?i:a)b", ["Ab"], ["AB"]),
        ("(?-i)a", ["a"], ["A"]),
        ("^a$", ["a"], ["a\n"]),
        ("(?m)a$\n^b", ["a\nb"], ["ab"]),
        ("\\Aa\\z", ["a"], ["b"]),
        ("\\bfoo\\b.*", ["foo bar", "foo"], ["foobar"]),
        ("a\\Bb", ["ab"], ["a b"]),
        ("(a*)*", ["", "aaa"], ["b"]),
        ("(|a)+", ["", "aa"], ["b"]),
        ("\\t\\n\\a\\f\\r\\v", ["\t\n\a\f\r\v"], [""]),
    ],
)
def test_syntax(pattern: str, yes: list[str], no: list[str]) -> None:
    """A pattern matches whole texts by RE2's rules."""
    compiled = Pattern(pattern)
    assert [text for text in yes if not compiled.matches(text)] == []
    assert [text for text in no if compiled.matches(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)", "[", "[a", "[z-a]", "*", "a**", "a{2}{3}", "a+*", "|*", "(*)", "\\", "\\8", "\\1", "(?=a)",
        "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "\\Z", "\\G", "\\C", "a{1001}", "a{2,1}", "\\p{Nonsense}", "\\p{Lu",
        "(?P<1a>", "(?P<n>a)(?P<n>b)", "(?P=n)", "(?x)a", "[[:nope:]]", "\\xZ", "\\x{110000}", "(?", "[a-\\d]",
        "(" * 101 + ")" * 101,
    ],
)  # fmt: skip
def test_what_is_not_re2(pattern: str) -> None:
    """What RE2 refuses is refused, look-around and back-references above all."""
    with pytest.raises(PatternError):
        Pattern(pattern)


SAFE = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", "\\w", "^", "$", "\\b"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda p: f"(?:{p[0]}|{p[1]})"),
        inner.map(lambda p: f"(?:{p})*"),
        inner.map(lambda p: f"(?:{p})?"),
        inner.map(lambda p: f"(?:{p}){{1,2}}"),
    ),
    max_leaves=8,
)


@given(SAFE, st.text("ab \n", max_size=6))
def test_agrees_with_the_standard_library(pattern: str, text: str) -> None:
    """Where both read a pattern alike, both say the same."""
    alike = pattern.replace("$", "\\Z")
    assert Pattern(pattern).matches(text) == (re.fullmatch(alike, text, re.ASCII) is not None)


def test_linear_time() -> None:
    """What keeps a backtracking matcher busy for years is one look at each character here."""
    steps = 0
    pattern = Pattern("(a|a)*(a|aa)*(a*)*b")
    original = pattern._step

    def counted(state: object, c: str) -> object:
        nonlocal steps
        steps += 1
        return original(state, c)  # type: ignore[arg-type]

    pattern._step = counted  # type: ignore[method-assign,assignment]
    assert not pattern.matches("a" * 100_000)
    assert steps < 10


def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """States are forgotten when there are too many, and matching goes on."""
    monkeypatch.setattr("trimtab._patterns.MAX_CACHED_STEPS", 50)
    pattern = Pattern("(?s).*[a-m].{8}")
    text = "".join(chr(97 + (i * i) % 26) for i in range(2000))
    assert pattern.matches(text + "a" + "z" * 8)
    assert not pattern.matches(text + "z" * 9)
    assert pattern._cached <= 50


def test_cost_is_estimated_before_compiling() -> None:
    """A short pattern that unrolls to a hundred million instructions is known by its cost."""
    assert pattern_cost("abc") == 3
    assert pattern_cost("(ab){3}") == 17
    assert pattern_cost("((((a{100}){100}){100}){100})") > 1e8
    assert pattern_cost("[^\\]]x\\Q...\\E") == 6
    with pytest.raises(PatternError, match="too much"):
        Pattern("(a{100}){110}")
