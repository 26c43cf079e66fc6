"""Regular expressions mean what they mean to PCRE2, or are refused."""

import pytest
import regex
from bson import Regex

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query import regexes
from stend.engines.mongo.query.operators import regex_from
from stend.engines.mongo.query.regexes import regex_of

# Pattern, options, strings it is found in, strings it is not.
FOUND: list[tuple[str, str, list[str], list[str]]] = [
    ("abc", "", ["xabcx"], ["ABC", "ab"]),
    ("", "", ["", "x"], []),
    ("привет", "i", ["ПРИВЕТ"], ["пока"]),
    ("ё", "i", ["Ё"], ["е"]),
    ("ß", "i", ["ẞ"], ["ss"]),
    ("σ", "i", ["Σ", "ς"], []),
    # No letter of Turkish is an i.
    ("istanbul", "i", ["ISTANBUL"], ["İstanbul", "ıstanbul"]),
    ("[a-z]", "i", ["I"], ["İ", "ı"]),
    ("^[^a-z]$", "i", ["İ", "ı", "1"], ["I", "i"]),
    ("[ı]", "i", ["ı"], ["I", "i"]),
    ("^[^ı]$", "i", ["I"], ["ı"]),
    # Classes are of ASCII.
    (r"^\d+$", "", ["123"], ["١٢"]),
    (r"^\w+$", "", ["a_1"], ["ж"]),
    (r"\bcat\b", "", ["a cat!", "жcatж"], ["cats"]),
    (r"^\s$", "", [" ", "\t", "\v"], ["\u00a0"]),
    (r"^\S\D\W$", "", ["жжж"], ["a1a"]),
    (r"^[\w-]+$", "", ["a-b_1"], ["ж"]),
    (r"^[\W]$", "", ["ж"], ["a"]),
    (r"^[^\d\s]+$", "", ["ab"], ["a1"]),
    ("^[[:alpha:]_]+$", "", ["ab_"], ["a1", "ж"]),
    ("^[[:digit:][:upper:]]+$", "", ["A1"], ["a"]),
    (r"^\h\v$", "", ["\u2003\u2028"], ["ab"]),
    (r"^\N\R$", "", ["a\r\n", "a\n"], ["\na"]),
    (r"^\p{L}\p{Lu}\P{L}$", "", ["жЖ1"], ["жж1"]),
    (r"^\p{Cyrillic}+$", "", ["абв"], ["abc"]),
    (r"^\pL$", "", ["ж"], ["1"]),
    # Ends and beginnings of lines.
    ("^a$", "", ["a", "a\n"], ["a\n\n", "b\na"]),
    ("^a$", "m", ["b\na", "a\nb", "a\n"], ["ab"]),
    ("^$", "m", ["", "a\n\nb"], ["a\n", "a"]),
    (r"a\Z", "", ["a", "a\n"], ["a\n\n"]),
    (r"a\z", "", ["a"], ["a\n"]),
    (r"\Aa", "m", ["ab"], ["b\na"]),
    ("a.b", "", ["axb", "a\rb"], ["a\nb"]),
    ("a.b", "s", ["a\nb"], ["ab"]),
    # White space and comments.
    ("a b # c\n d", "x", ["abd"], ["a b"]),
    (r"a\ b[ ]c", "x", ["a b c"], ["abc"]),
    # Options inside.
    ("(?i)ab|cd", "", ["AB", "CD"], ["x"]),
    ("(?i-m)a", "m", ["A"], []),
    ("a(?i:b)c", "", ["aBc"], ["ABC"]),
    ("a(?-i:b)c", "i", ["AbC"], ["aBc"]),
    ("(?s:a.)b.", "", ["a\nbx"], ["axb\n"]),
    # Repetitions.
    ("^a{2,3}$", "", ["aa", "aaa"], ["a", "aaaa"]),
    ("^a{,3}$", "", ["a{,3}"], ["aa"]),
    ("^a{x}$", "", ["a{x}"], []),
    ("^a{2}?b", "", ["aab"], ["ab"]),
    ("^a++b", "", ["aab"], ["b"]),
    ("^(?>a+)a", "", [], ["aaa"]),
    # Groups and references.
    (r"^(a|b)\1$", "", ["aa", "bb"], ["ab"]),
    (r"^(?<x>a)(?P<y>b)\k<x>\k{y}(?P=x)\g1$", "", ["ababaa"], ["ab"]),
    (r"^(a)\1$", "i", ["aA"], ["ab"]),
    ("(?<=a)b(?!c)", "", ["abd"], ["abc", "b"]),
    ("a(?#this is said)b", "", ["ab"], []),
    # Escapes.
    (r"\Qa.b\E.", "", ["a.bx"], ["axbx"]),
    (r"^\x41\x{416}\t\.\0\-$", "", [], ["A"]),
    (r"^\x41\x{416}\t\.\-$", "", ["AЖ\t.-"], []),
    (r"^[]a]+$", "", ["]a"], ["b"]),
    (r"^[^]a]$", "", ["b"], ["]", "a"]),
    (r"^[a\-z]+$", "", ["a-z"], ["b"]),
    (r"^[-az]+$", "", ["-"], ["b"]),
    (r"^[[&&--||~]+$", "", ["[&-|~"], ["a"]),
    (r"^[\b]$", "", ["\b"], ["b"]),
]


@pytest.mark.parametrize(
    ("pattern", "options", "found", "passed"),
    FOUND,
    ids=[f"{pattern!r}{options}" for pattern, options, _, _ in FOUND],
)
def test_a_pattern_is_found(
    pattern: str, options: str, found: list[str], passed: list[str]
) -> None:
    test = regex_of(regex_from(pattern, options))
    assert [text for text in found if not test(text)] == []
    assert [text for text in passed if test(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "[b-a]",
        "a{3,2}",
        "a{70000}",
        "*",
        "\\",
        r"\y",
        r"\p{Nothing}",
        r"\x{110000}",
        r"\x{zz}",
        "(?<x",
        "(?#",
        r"\k",
        # What would mean something else here, or nothing.
        "a(?i)b",
        "(*UCP)a",
        "(?R)",
        "(?1)",
        "(?(1)a|b)",
        r"\11",
        r"\Ga",
        "[[:nothing:]]",
        "[[:^alpha:]]",
        "(" * 400 + ")" * 400,
    ],
)
def test_a_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(MongoError, match="Regular expression is invalid") as refused:
        regex_of(Regex(pattern))
    assert refused.value.code == 51091


def test_a_pattern_may_not_have_a_null() -> None:
    with pytest.raises(MongoError, match="null byte") as refused:
        regex_of(regex_from("a\0b", ""))
    assert refused.value.code == 2


def test_a_match_that_takes_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "TIMEOUT_S", 0.02)
    test = regex_of(Regex("(.*)(.*)(.*)(.*)(.*)(.*)[cd]$"))
    with pytest.raises(MongoError, match="match limit exceeded") as refused:
        test("a" * 200)
    assert refused.value.code == 51156


def test_patterns_are_kept_compiled() -> None:
    first = regexes.compile_pattern("^once$", "i")
    assert isinstance(first, regex.Pattern)
    assert regexes.compile_pattern("^once$", "i") is first
