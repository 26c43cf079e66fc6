"""One text for a regular expression, where the expression is simple enough."""

import importlib
import re
from collections.abc import Iterator
from typing import Any

_MOST_REPEATED = 5_000
# The tree that `re` compiles from; there is no public way to it.
_parser: Any = importlib.import_module("re._parser")
_CLASSES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_WORD": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_WORD": " ",
    "CATEGORY_NOT_SPACE": "a",
}
_TRIED = "aA1 -_.Zz0~é"


def text_for(pattern: str, length: int) -> Iterator[str]:
    """Texts near a length that may match; whoever asks has to try them.

    Args:
        length: repetitions are stretched towards it.
    """
    try:
        tree = list(_parser.parse(pattern))
        yield _text(tree, length)
    except (re.error, RecursionError, OverflowError, ValueError, KeyError):
        return


def _text(tree: Any, length: int) -> str:
    made = ""
    for code, argument in tree:
        made += _one(str(code), argument, max(length - len(made), 0))
        if len(made) > _MOST_REPEATED:
            raise ValueError("too long")
    return made


def _one(code: str, argument: Any, left: int) -> str:
    if code == "LITERAL":
        return chr(argument)
    if code == "ANY":
        return "a"
    if code == "IN":
        return _of_class(argument)
    if code == "NOT_LITERAL":
        return "a" if argument != ord("a") else "b"
    if code == "SUBPATTERN":
        return _text(argument[3], left)
    if code == "BRANCH":
        return _text(argument[1][0], left)
    if code in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        return _repeated(argument, left)
    if code == "AT":
        return ""
    raise ValueError(code)


def _repeated(argument: tuple[int, int, Any], left: int) -> str:
    least, most, tree = argument
    times = max(int(least), min(int(most), left))
    if times > _MOST_REPEATED:
        raise ValueError("too long")
    return _text(tree, 1) * times


def _of_class(parts: Any) -> str:
    codes = [(str(code), argument) for code, argument in parts]
    if codes[0][0] == "NEGATE":
        return next(one for one in _TRIED if not any(_has(part, one) for part in codes[1:]))
    code, argument = codes[0]
    if code == "LITERAL":
        return chr(argument)
    if code == "RANGE":
        return chr(argument[0])
    return _CLASSES[str(argument)]


def _has(part: tuple[str, Any], letter: str) -> bool:
    code, argument = part
    if code == "LITERAL":
        return ord(letter) == int(argument)
    if code == "RANGE":
        return int(argument[0]) <= ord(letter) <= int(argument[1])
    return (
        re.fullmatch(
            {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s"}.get(str(argument), r"\w"), letter
        )
        is not None
    )
