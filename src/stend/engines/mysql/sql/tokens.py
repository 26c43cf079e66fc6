"""What the tokens of a statement say that the parser's tree does not keep.

The parser fills gaps silently (`SELECT a, FROM t`), forgets where an item of SELECT stands in the
text, and the order of `?`. The gaps are refused here; the rest is tied to the tree by comments on
tokens, which the parser passes on to the nodes that it makes of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot.tokenizer_core import Token, TokenType

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.lexing import Source, syntax_error

# Each more doubles the parser's work.
_MAX_OPEN_JOINS = 8
MAX_ITEM_NAME = 256
# The comment of a join that is written with the word: one with a comma looks alike in the tree.
EXPLICIT_JOIN = "join"

_ENDS_ITEMS = frozenset(
    {
        TokenType.FROM,
        TokenType.INTO,
        TokenType.WHERE,
        TokenType.GROUP_BY,
        TokenType.HAVING,
        TokenType.ORDER_BY,
        TokenType.LIMIT,
        TokenType.UNION,
        TokenType.EXCEPT,
        TokenType.INTERSECT,
        TokenType.FOR,
        TokenType.LOCK,
        TokenType.WINDOW,
    }
)
_NO_NAMES = frozenset({TokenType.COMMA, TokenType.R_PAREN, TokenType.L_PAREN})
_NOT_FIRST = (_ENDS_ITEMS - {TokenType.FOR, TokenType.LOCK}) | {
    TokenType.COMMA,
    TokenType.R_PAREN,
}
_WANTS_MORE = frozenset(
    {
        TokenType.COMMA,
        TokenType.SELECT,
        TokenType.DISTINCT,
        TokenType.FROM,
        TokenType.WHERE,
        TokenType.GROUP_BY,
        TokenType.ORDER_BY,
        TokenType.PARTITION_BY,
        TokenType.HAVING,
        TokenType.LIMIT,
        TokenType.OFFSET,
        TokenType.ON,
        TokenType.USING,
        TokenType.JOIN,
        TokenType.AND,
        TokenType.OR,
        TokenType.XOR,
        TokenType.NOT,
        TokenType.UNION,
        TokenType.EXCEPT,
        TokenType.INTERSECT,
        TokenType.DOT,
        TokenType.EQ,
        TokenType.WHEN,
        TokenType.THEN,
        TokenType.ELSE,
        TokenType.INTO,
    }
)
# The parser takes them in any order, and of two WHERE in an UPDATE the second.
_STAGES = {
    TokenType.SET: 1,
    TokenType.FROM: 1,
    TokenType.WHERE: 2,
    TokenType.GROUP_BY: 3,
    TokenType.HAVING: 4,
    TokenType.WINDOW: 5,
    TokenType.ORDER_BY: 6,
    TokenType.LIMIT: 7,
}
_SET_OPERATIONS = frozenset({TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT})
_MODIFIERS = frozenset(
    {
        "ALL",
        "DISTINCT",
        "DISTINCTROW",
        "HIGH_PRIORITY",
        "STRAIGHT_JOIN",
        "SQL_SMALL_RESULT",
        "SQL_BIG_RESULT",
        "SQL_BUFFER_RESULT",
        "SQL_NO_CACHE",
        "SQL_CALC_FOUND_ROWS",
    }
)


@dataclass(slots=True)
class _Items:
    """Of one SELECT: where its items begin and end."""

    depth: int
    first: int
    spans: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Clauses:
    """Of one query or change: how far its clauses have come."""

    depth: int
    stage: int = 0


@dataclass(slots=True)
class Reading:
    """
    Attributes:
        item_texts: of each SELECT in the order of the text, the texts of its items; the SELECT's
            place in it is the comment of the node.
        placeholders: how many `?` there are; the number of each, from 0, is its comment.
    """

    item_texts: list[tuple[str, ...]]
    placeholders: int


def read(source: Source, tokens: Sequence[Token]) -> Reading:
    """Puts comments on the tokens of SELECT and of `?`.

    Raises:
        MySqlError: ER_PARSE_ERROR: something is missing between two tokens.
    """
    return _Reader(source, tokens).run()


class _Reader:
    def __init__(self, source: Source, tokens: Sequence[Token]) -> None:
        self._source = source
        self._tokens = tokens
        self._depth = 0
        self._open: list[_Items] = []
        self._selects: list[_Items] = []
        self._clauses = [_Clauses(0)]
        self._placeholders = 0
        self._joins = 0

    def run(self) -> Reading:
        previous: TokenType | None = None
        for index, token in enumerate(self._tokens):
            kind = token.token_type
            if previous is TokenType.DOT and kind not in _NO_NAMES:
                # After a dot every word is a name.
                previous = TokenType.VAR
                continue
            if previous in _WANTS_MORE and kind in _NOT_FIRST:
                raise syntax_error(self._source.text, token.start)
            if kind in _HANDLED:
                self._meet(kind, index, token)
            previous = kind
        if previous in _WANTS_MORE:
            raise syntax_error(self._source.text, len(self._source.text))
        while self._open:
            self._close(len(self._tokens))
        return Reading([self._texts(one) for one in self._selects], self._placeholders)

    def _meet(self, kind: TokenType, index: int, token: Token) -> None:
        if kind in _STAGES or kind in _SET_OPERATIONS:
            self._clause(kind, index, token)
        elif kind is TokenType.SELECT:
            self._select(index, token)
        elif kind is TokenType.L_PAREN:
            self._depth += 1
        elif kind is TokenType.R_PAREN:
            self._leave(index)
        elif kind is TokenType.PLACEHOLDER:
            token.comments = [str(self._placeholders)]
            self._placeholders += 1
        elif kind is TokenType.COMMA:
            self._comma(index)
        else:
            self._join(kind, index)
        self._maybe_end(kind, index)

    def _leave(self, index: int) -> None:
        self._depth -= 1
        while self._clauses[-1].depth > max(self._depth, 0):
            self._clauses.pop()
        if self._open and self._open[-1].depth > self._depth:
            self._close(index)

    def _clause(self, kind: TokenType, index: int, token: Token) -> None:
        clauses = self._clauses[-1]
        # ORDER BY and others stand in functions and windows too; FOR ORDER BY is an index hint.
        is_hint = self._tokens[index - 1].token_type is TokenType.FOR
        if clauses.depth != self._depth or is_hint:
            return
        stage = _STAGES.get(kind, 0)
        if stage and stage <= clauses.stage:
            raise syntax_error(self._source.text, token.start)
        clauses.stage = stage

    def _select(self, index: int, token: Token) -> None:
        if self._clauses[-1].depth == self._depth:
            self._clauses.pop()
        self._clauses.append(_Clauses(self._depth))
        token.comments = [str(len(self._selects))]
        first = index + 1
        while first < len(self._tokens) and self._tokens[first].text.upper() in _MODIFIERS:
            first += 1
        items = _Items(self._depth, first)
        self._selects.append(items)
        self._open.append(items)

    def _comma(self, index: int) -> None:
        if self._open and self._open[-1].depth == self._depth:
            items = self._open[-1]
            items.spans.append((items.first, index))
            items.first = index + 1

    def _maybe_end(self, kind: TokenType, index: int) -> None:
        ends = kind in _ENDS_ITEMS or self._is_on_duplicate(kind, index)
        if ends and self._open and self._open[-1].depth == self._depth:
            self._close(index)

    def _is_on_duplicate(self, kind: TokenType, index: int) -> bool:
        following = self._tokens[index + 1 : index + 2]
        return kind is TokenType.ON and bool(following) and _is(following[0], "DUPLICATE")

    def _close(self, index: int) -> None:
        items = self._open.pop()
        items.spans.append((items.first, index))

    def _join(self, kind: TokenType, index: int) -> None:
        if kind is not TokenType.JOIN:
            self._joins -= kind in (TokenType.ON, TokenType.USING)
            return
        self._tokens[index].comments = [EXPLICIT_JOIN]
        if not _is(self._tokens[index - 1], "CROSS"):
            self._joins += 1
        if self._joins > _MAX_OPEN_JOINS:
            raise not_supported(f"A join of more than {_MAX_OPEN_JOINS} tables without ON")

    def _texts(self, items: _Items) -> tuple[str, ...]:
        text = self._source.text
        tokens = self._tokens
        return tuple(
            text[tokens[first].start : tokens[after - 1].end + 1][:MAX_ITEM_NAME]
            for first, after in items.spans
            if first < after
        )


def _is(token: Token, word: str) -> bool:
    return token.text.upper() == word


_HANDLED = _ENDS_ITEMS | {
    TokenType.SET,
    TokenType.SELECT,
    TokenType.L_PAREN,
    TokenType.R_PAREN,
    TokenType.PLACEHOLDER,
    TokenType.COMMA,
    TokenType.JOIN,
    TokenType.ON,
    TokenType.USING,
}
