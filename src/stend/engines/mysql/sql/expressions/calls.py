"""Marks calls of functions among tokens, so that the parser keeps each under its own name.

sqlglot turns the functions that it knows into nodes of its own and forgets what was written:
DATE(x) and CAST(x AS DATE) become alike, formats of dates are rewritten, a second argument is
dropped. A call whose name is marked becomes `exp.Anonymous(this=MARK + name)`, with all of its
arguments. `column->'path'` is written as the call it stands for: JSON_EXTRACT(column, 'path').
"""

from collections.abc import Sequence

from sqlglot.parsers.mysql import MySQLParser
from sqlglot.tokenizer_core import Token, TokenType

from stend.engines.mysql.sql.functions.names import NOT_DONE, OWN_SYNTAX, PARSED_BY_SQLGLOT
from stend.engines.mysql.sql.functions.table import FUNCTIONS

# No unquoted identifier of MySQL has a colon in it.
MARK = "call:"

_KNOWN = (
    frozenset(MySQLParser.FUNCTIONS) | frozenset(FUNCTIONS) | NOT_DONE | OWN_SYNTAX
) - PARSED_BY_SQLGLOT

_BARE = frozenset({"UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP"})

# After these comes an operator, a type or a list of columns, not a call.
_ENDS_OPERAND = frozenset(
    {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.STRING,
        TokenType.NUMBER,
        TokenType.R_PAREN,
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
    for index, token in enumerate(tokens):
        if token.token_type in (TokenType.ARROW, TokenType.DARROW):
            _extract(marked, tokens, index)
        elif _is_bare(tokens, index):
            marked += [_renamed(token, MARK + token.text), *_parentheses(token)]
        elif _is_call(tokens, index):
            marked.append(_renamed(token, MARK + token.text))
        elif index and tokens[index - 1].token_type in (TokenType.ARROW, TokenType.DARROW):
            marked += [token, *_closing(tokens[index - 1])]
        else:
            marked.append(token)
    return marked


def _is_call(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING):
        return False
    if token.text.upper() not in _KNOWN or index + 1 == len(tokens):
        return False
    if tokens[index + 1].token_type is not TokenType.L_PAREN:
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
