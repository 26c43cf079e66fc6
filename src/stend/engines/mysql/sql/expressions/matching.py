"""LIKE and REGEXP."""

import re
import unicodedata
from functools import cache

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.comparisons import condition
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.conversions import constant_text, to_text
from stend.engines.mysql.sql.expressions.precedence import refuse_after_between
from stend.engines.mysql.sql.typed import BIN_COLLATION, Typed, quoted_text
from stend.engines.mysql.tables.types import BYTES, Kind

_BACKSLASH = "\\"


def like(node: exp.Expression, context: Context) -> Typed:
    """`LIKE`, with or without ESCAPE."""
    escape = _BACKSLASH
    if isinstance(node, exp.Escape):
        escape = constant_text(context.argument(node, "expression"), "ESCAPE")
        node = node.this
        if not isinstance(node, exp.Like):
            raise not_supported("ESCAPE without LIKE")
    refuse_after_between(node)
    if len(escape) > 1:
        raise MySqlError(MyError.ER_WRONG_ARGUMENTS, "Incorrect arguments to ESCAPE")
    if escape.isalpha() or not escape.isascii():
        raise not_supported("A letter as ESCAPE")
    value, pattern = context.argument(node, "this"), context.argument(node, "expression")
    tested = _like(value, pattern, escape, context)
    return condition(f"(NOT {tested.sql})", tested.nullable) if node.args.get("negate") else tested


def _like(value: Typed, pattern: Typed, escape: str, context: Context) -> Typed:
    if value.type.kind in BYTES or pattern.type.kind in BYTES:
        raise not_supported("LIKE of a binary string")
    if Kind.NULL in (value.type.kind, pattern.type.kind):
        return condition("NULL::boolean")
    nullable = value.nullable or pattern.nullable
    collation, _ = combined((value, pattern))
    fold = "{}" if collation == BIN_COLLATION else "my.fold({})"
    text = fold.format(to_text(value, context.facts))
    constant = pattern.constant.value if pattern.constant else None
    quoted = quoted_text(escape)
    if isinstance(constant, str):
        asked = fold.format(f"{quoted_text(_closed(constant, escape))}::text")
        return condition(f"({text} LIKE {asked} ESCAPE {quoted})", nullable)
    asked = fold.format(to_text(pattern, context.facts))
    return condition(f"my.is_like({text}, {asked}, {quoted})", nullable)


def _closed(pattern: str, escape: str) -> str:
    """A lone escape character at the end stands for itself."""
    if not escape:
        return pattern
    lone = (len(pattern) - len(pattern.rstrip(escape))) % 2
    return pattern + escape * lone


def regexp(node: exp.Expression, context: Context) -> Typed:
    """`REGEXP` and `RLIKE`."""
    refuse_after_between(node)
    return matched(context.argument(node, "this"), context.argument(node, "expression"), context)


def matched(value: Typed, pattern: Typed, context: Context, match_type: str = "") -> Typed:
    """Whether the pattern is found anywhere in the text.

    Raises:
        MySqlError: a pattern that PostgreSQL might read otherwise than MySQL.
    """
    if value.type.kind in BYTES or pattern.type.kind in BYTES:
        raise not_supported("REGEXP of a binary string")
    if Kind.NULL in (value.type.kind, pattern.type.kind):
        return condition("NULL::boolean")
    text = constant_text(pattern, "A pattern of REGEXP")
    collation, _ = combined((value, pattern))
    is_sensitive = collation == BIN_COLLATION
    for letter in match_type:
        if letter not in "ci":
            raise not_supported(f"The match type '{letter}' of REGEXP_LIKE")
        is_sensitive = letter == "c"
    operator = "~" if is_sensitive else "~*"
    asked = quoted_text("(?:" + _pattern(text) + ")")
    return condition(f"({to_text(value, context.facts)} {operator} {asked})", value.nullable)


_LINE_ENDS = r"\n\r\u0085\u2028\u2029"
_PIECE = re.compile(
    r"""
    (?P<plain>[^\\.^$|()\[\]{}*+?])
    | (?P<escaped>\\[.^$|()\[\]{}*+?/\-])
    | (?P<digit>\\d)
    | (?P<dot>\.)
    | (?P<start>\^)
    | (?P<end>\$)
    | (?P<or>\|)
    | (?P<open>\((?:\?:)?(?!\?))
    | (?P<close>\))
    | (?P<set>\[\^?[^\[\]\\^&]+\])
    | (?P<repeat>[*+?](?![*+?])|\{\d{1,2}(?:,(?:\d{1,2})?)?\}(?![*+?]))
    """,
    re.VERBOSE | re.DOTALL,
)


def _pattern(text: str) -> str:
    """The pattern for PostgreSQL, from the part of the syntax that both read alike."""
    if text == "":
        raise MySqlError(
            MyError.ER_REGEXP_ILLEGAL_ARGUMENT, "Illegal argument to a regular expression."
        )
    made, place = [], 0
    while place < len(text):
        found = _PIECE.match(text, place)
        if found is None:
            raise not_supported(f"The regular expression from '{text[place:][:40]}' on")
        made.append(_piece(found))
        place = found.end()
    return "".join(made)


def _piece(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found[0]
    if kind == "dot":
        return f"[^{_LINE_ENDS}]"
    if kind == "digit":
        return f"[{_digits()}]"
    if kind == "end":
        return rf"(?=(?:\r\n|[{_LINE_ENDS}])?\Z)"
    if kind == "open":
        return "(?:"
    if kind == "set" and not _is_plain_set(text):
        raise not_supported(f"The regular expression {text}")
    return text


def _is_plain_set(text: str) -> bool:
    # Ranges between letters of different alphabets or of both cases fold otherwise in each.
    inner = text[2:-1] if text.startswith("[^") else text[1:-1]
    for found in re.finditer(r"(.)-(.)", inner, re.DOTALL):
        low, high = found[1], found[2]
        is_one_kind = any(
            low in kind and high in kind for kind in ("0123456789", _LOWER, _UPPER, _LOW_RU, _UP_RU)
        )
        if not is_one_kind or low > high:
            return False
    return True


_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_LOW_RU = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_UP_RU = _LOW_RU.upper()


@cache
def _digits() -> str:
    """Every decimal digit of Unicode, which is what \\d is in MySQL."""
    zeros = [
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code)) == "Nd" and unicodedata.digit(chr(code)) == 0
    ]
    return "".join(f"{chr(code)}-{chr(code + 9)}" for code in zeros)
