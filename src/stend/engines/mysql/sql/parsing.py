"""A query or a change of rows, from its text to a tree of sqlglot's nodes."""

import re
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from stend.engines.mysql.errors import MySqlError, not_supported
from stend.engines.mysql.sql.expressions.calls import with_marked_calls
from stend.engines.mysql.sql.grammar import check
from stend.engines.mysql.sql.lexing import Source, syntax_error, too_deep
from stend.engines.mysql.sql.tokens import read

_HEAD = re.compile(
    r"""\s*(?:
    (?P<insert>insert|replace)\b(?P<insert_words>(?:\s+(?:low_priority|delayed|high_priority))?)
    | update\b(?P<update_words>(?:\s+low_priority)?)
    | delete\b(?P<delete_words>(?:\s+(?:low_priority|quick))*)
    )(?P<ignore>(?:\s+ignore(?=\s))?)""",
    re.IGNORECASE | re.VERBOSE,
)
_UNDERSTOOD = (
    exp.Select,
    exp.SetOperation,
    exp.Subquery,
    exp.Values,
    exp.Insert,
    exp.Update,
    exp.Delete,
)
# Where the parser wants something more and the text has ended, it names the last token instead.
_MISSING = re.compile(r"Required keyword|Expect")
_FIRST = frozenset(
    {
        TokenType.SELECT,
        TokenType.WITH,
        TokenType.L_PAREN,
        TokenType.TABLE,
        TokenType.VALUES,
        TokenType.INSERT,
        TokenType.UPDATE,
        TokenType.DELETE,
    }
)
# Each begins anew with every text.
_TOKENIZER = MySQL().tokenizer()
_PARSER = MySQL().parser()
ITEM_TEXTS = "item_texts"
NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Statement:
    """
    Attributes:
        node: a Query, Values, Insert, Update or Delete. A Select in it has the texts of its items
            in `meta[ITEM_TEXTS]`, a Placeholder its number in `meta[NUMBER]`.
        is_replace: REPLACE, which is parsed as INSERT.
        is_ignore: INSERT IGNORE, UPDATE IGNORE, DELETE IGNORE.
        placeholders: how many parameters it takes.
    """

    text: str
    node: exp.Expression
    is_replace: bool = False
    is_ignore: bool = False
    placeholders: int = 0


def parse(source: Source) -> Statement:
    """
    Args:
        source: one statement, as `lexing.split` gives it.

    Raises:
        MySqlError: ER_PARSE_ERROR, also of statements of other kinds; ER_NOT_SUPPORTED_YET of
            what would be read otherwise than MySQL reads it.
    """
    clean, is_replace, is_ignore = _without_head(source.clean)
    try:
        tokens = _TOKENIZER.tokenize(clean)
        if not tokens or tokens[0].token_type not in _FIRST:
            raise _unknown(source, tokens)
        reading = read(source, tokens)
        _check_calls_of_default(tokens)
        nodes = _PARSER.parse(with_marked_calls(tokens), clean)
    except TokenError as error:
        raise syntax_error(source.text, 0) from error
    except ParseError as error:
        raise _worded(error, source, tokens) from error
    except RecursionError:
        raise too_deep() from None
    except (AttributeError, TypeError) as error:
        # The parser stumbles over a part that is missing.
        raise syntax_error(source.text, len(source.text.rstrip())) from error
    node = nodes[0]
    if not isinstance(node, _UNDERSTOOD):
        raise _unknown(source, tokens)
    _tie(node, reading.item_texts)
    check(node, source.text)
    return Statement(source.text, node, is_replace, is_ignore, reading.placeholders)


def _without_head(clean: str) -> tuple[str, bool, bool]:
    """LOW_PRIORITY… change nothing for InnoDB; sqlglot knows neither them nor REPLACE."""
    head = _HEAD.match(clean)
    if head is None:
        return clean, False, False
    for name in ("insert_words", "update_words", "delete_words", "ignore"):
        start, end = head.span(name)
        if end > start:
            clean = clean[:start] + " " * (end - start) + clean[end:]
    is_replace = (head.group("insert") or "").lower() == "replace"
    if is_replace:
        start, end = head.span("insert")
        clean = clean[:start] + "INSERT " + clean[end:]
    return clean, is_replace, bool(head.group("ignore"))


def _check_calls_of_default(tokens: list[Token]) -> None:
    """DEFAULT(column) looks like an alias to the parser."""
    for token, following in pairwise(tokens):
        if (token.token_type, following.token_type) == (TokenType.DEFAULT, TokenType.L_PAREN):
            raise not_supported("DEFAULT(column)")


def _tie(root: exp.Expression, item_texts: list[tuple[str, ...]]) -> None:
    for node in root.find_all(exp.Select, exp.Placeholder):
        comments = node.pop_comments()
        if not comments:
            continue
        number = int(comments[0])
        if isinstance(node, exp.Select):
            node.meta[ITEM_TEXTS] = item_texts[number]
        else:
            node.meta[NUMBER] = number


def _unknown(source: Source, tokens: list[Token]) -> MySqlError:
    return syntax_error(source.text, tokens[0].start if tokens else 0)


def _worded(error: ParseError, source: Source, tokens: list[Token]) -> MySqlError:
    first = error.errors[0] if error.errors else {}
    at = (first.get("line"), first.get("col"))
    for index, token in enumerate(tokens):
        if (token.line, token.col) == at:
            is_last = index == len(tokens) - 1
            if is_last and _MISSING.search(str(first.get("description"))):
                break
            return syntax_error(source.text, token.start)
    return syntax_error(source.text, len(source.text.rstrip()))
