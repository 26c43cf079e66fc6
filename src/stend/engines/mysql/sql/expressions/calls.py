"""Marks calls of functions among tokens, so that the parser keeps each under its own name.

sqlglot turns the functions that it knows into nodes of its own and forgets what was written:
DATE(x) and CAST(x AS DATE) become alike, formats of dates are rewritten, a second argument is
dropped. A call whose name is marked becomes `exp.Anonymous(this=MARK + name)`, with all of its
arguments. `column->'path'` is written as the call it stands for: JSON_EXTRACT(column, 'path'),
and DATE '2024-01-31' as a call too.
"""

import re
from collections.abc import Sequence

from sqlglot.parsers.mysql import MySQLParser
from sqlglot.tokenizer_core import Token, TokenType

from stend.engines.mysql.sql.expressions.functions.names import (
    NOT_DONE,
    OWN_SYNTAX,
    PARSED_BY_SQLGLOT,
)
from stend.engines.mysql.sql.expressions.functions.table import FUNCTIONS
from stend.engines.mysql.sql.expressions.marks import MARK, TYPED

__all__ = ["MARK", "TYPED", "with_marked_calls"]

# sqlglot knows some of them as functions too.
_OPERATORS = frozenset(
    {
        "AND",
        "OR",
        "XOR",
        "NOT",
        "IN",
        "LIKE",
        "RLIKE",
        "REGEXP",
        "DIV",
        "IS",
        "CASE",
        "COLLATE",
        "COLUMNS",
    }
)
_KNOWN = (
    (frozenset(MySQLParser.FUNCTIONS) | frozenset(FUNCTIONS) | NOT_DONE | OWN_SYNTAX)
    - PARSED_BY_SQLGLOT
    - _OPERATORS
)

_PIECE = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]")
_RUN_TOGETHER = re.compile(rf"\d+(?:\.\d*)?[eE][+-]?\d+(?:[+-](?:{_PIECE.pattern}))+")
_SIGNS = {"+": TokenType.PLUS, "-": TokenType.DASH}
_TYPED_LITERALS = frozenset({"DATE", "TIME", "TIMESTAMP"})
_BARE = frozenset({"UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP"})

_MARKED = _KNOWN | _TYPED_LITERALS | _BARE
_QUOTED = (TokenType.IDENTIFIER, TokenType.STRING)

# After these comes an operator, a type or a list of columns, not a call.
_ENDS_OPERAND = frozenset(
    {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.STRING,
        TokenType.NUMBER,
        TokenType.R_PAREN,
        TokenType.END,
        TokenType.NULL,
        TokenType.TRUE,
        TokenType.FALSE,
        TokenType.HEX_STRING,
        TokenType.BIT_STRING,
        TokenType.PLACEHOLDER,
        TokenType.DOT,
        TokenType.INTO,
        TokenType.TABLE,
        TokenType.REFERENCES,
        TokenType.INDEX,
        TokenType.KEY,
        TokenType.ALIAS,
        TokenType.FROM,
        TokenType.JOIN,
        TokenType.UNIQUE,
        TokenType.CONSTRAINT,
        TokenType.VIEW,
        TokenType.WITH,
        TokenType.RECURSIVE,
    }
)


def with_marked_calls(tokens: Sequence[Token]) -> list[Token]:
    """The tokens for the parser.

    Args:
        tokens: of MySQL's tokenizer.
    """
    marked: list[Token] = []
    tokens = _with_whole_numbers(tokens)
    # Behind the next token.
    closing: list[Token] = []
    for index, token in enumerate(tokens):
        kind = token.token_type
        due, closing = closing, []
        if kind in (TokenType.ARROW, TokenType.DARROW):
            _extract(marked, tokens, index)
            closing = _closing(token)
        elif kind in _QUOTED or token.text.upper() not in _MARKED:
            marked.append(token)
        elif _is_typed_literal(tokens, index):
            opening, end = _parentheses(token)
            marked += [_renamed(token, MARK + token.text + TYPED), opening]
            closing = [end]
        elif _is_bare(tokens, index):
            marked += [_renamed(token, MARK + token.text), *_parentheses(token)]
        elif _is_call(tokens, index):
            marked.append(_renamed(token, MARK + token.text))
        else:
            marked.append(token)
        marked += due
    return marked


def _is_call(tokens: Sequence[Token], index: int) -> bool:
    if index + 1 == len(tokens) or tokens[index + 1].token_type is not TokenType.L_PAREN:
        return False
    if tokens[index].text.upper() not in _KNOWN:
        return False
    return index == 0 or tokens[index - 1].token_type not in _ENDS_OPERAND


def _with_whole_numbers(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens with numbers apart that sqlglot reads as one: `1e0+0.5` is `1e0+0`, `.`, `5`."""
    if not any(_is_run_together(one) for one in tokens):
        return tokens
    apart: list[Token] = []
    for one in tokens:
        token = one
        if _is_fraction(apart, token):
            apart.pop()
            token = _number(apart.pop(), token)
        apart += _pieces(token) if _is_run_together(token) else [token]
    return apart


def _pieces(token: Token) -> list[Token]:
    """The numbers and signs of which one token was made."""
    return [
        _part(token, _SIGNS.get(found[0], TokenType.NUMBER), found[0], token.start + found.start())
        for found in _PIECE.finditer(token.text)
    ]


def _is_number(token: Token) -> bool:
    return token.token_type is TokenType.NUMBER


def _is_run_together(token: Token) -> bool:
    is_word = token.token_type in (TokenType.NUMBER, TokenType.VAR)
    return is_word and _RUN_TOGETHER.fullmatch(token.text) is not None


def _is_fraction(before: Sequence[Token], token: Token) -> bool:
    # Whether the token is what follows the point of the number before it.
    if len(before) < 3 or not _is_number(token) or before[-1].token_type is not TokenType.DOT:
        return False
    touches = before[-2].end + 1 == before[-1].start and before[-1].end + 1 == token.start
    return touches and _is_number(before[-2])


def _part(token: Token, kind: TokenType, text: str, start: int) -> Token:
    return Token(kind, text, token.line, token.col, start, start + len(text) - 1)


def _number(whole: Token, fraction: Token) -> Token:
    return _part(whole, TokenType.NUMBER, f"{whole.text}.{fraction.text}", whole.start)


def _is_typed_literal(tokens: Sequence[Token], index: int) -> bool:
    # The parser makes the same of DATE '2024-02-30', an error, and of CAST('2024-02-30' AS DATE).
    if index + 1 == len(tokens) or tokens[index + 1].token_type is not TokenType.STRING:
        return False
    if tokens[index].text.upper() not in _TYPED_LITERALS:
        return False
    return index == 0 or tokens[index - 1].token_type not in _ENDS_OPERAND


def _is_bare(tokens: Sequence[Token], index: int) -> bool:
    # Reserved words, so they are never names of columns; sqlglot takes them for such.
    token = tokens[index]
    if token.token_type is not TokenType.VAR or token.text.upper() not in _BARE:
        return False
    following = tokens[index + 1].token_type if index + 1 < len(tokens) else None
    before = tokens[index - 1].token_type if index else None
    return following is not TokenType.L_PAREN and before is not TokenType.DOT


def _parentheses(near: Token) -> list[Token]:
    return [
        Token(kind, text, near.line, near.col, near.start, near.end)
        for kind, text in ((TokenType.L_PAREN, "("), (TokenType.R_PAREN, ")"))
    ]


def _extract(marked: list[Token], tokens: Sequence[Token], index: int) -> None:
    # The left side is a column: one name, or two or three with dots between them.
    start = len(marked) - 1
    while start >= 2 and marked[start - 1].token_type is TokenType.DOT:
        start -= 2
    arrow = tokens[index]
    opening = [
        _renamed(arrow, MARK + "JSON_EXTRACT"),
        Token(TokenType.L_PAREN, "(", arrow.line, arrow.col, arrow.start, arrow.end),
    ]
    if arrow.token_type is TokenType.DARROW:
        opening = [_renamed(arrow, MARK + "JSON_UNQUOTE"), opening[1], *opening]
    marked[max(start, 0) : max(start, 0)] = opening
    marked.append(Token(TokenType.COMMA, ",", arrow.line, arrow.col, arrow.start, arrow.end))


def _closing(arrow: Token) -> list[Token]:
    count = 2 if arrow.token_type is TokenType.DARROW else 1
    return [Token(TokenType.R_PAREN, ")", arrow.line, arrow.col, arrow.start, arrow.end)] * count


def _renamed(token: Token, text: str) -> Token:
    return Token(TokenType.VAR, text, token.line, token.col, token.start, token.end)
