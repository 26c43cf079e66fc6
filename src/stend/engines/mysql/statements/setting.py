"""SET: variables of the session and of the user, names, characteristics of transactions."""

from decimal import Decimal

from stend.engines.mysql.catalog.syntax.tokens import Token, TokenKind, Tokens, unquoted
from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.statements.actions import (
    Assignment,
    Characteristics,
    Computed,
    Names,
    Scope,
    SetAll,
    Word,
)

_SCOPES = {
    "SESSION": Scope.SESSION,
    "LOCAL": Scope.SESSION,
    "GLOBAL": Scope.GLOBAL,
}
_KEPT = ("PERSIST", "PERSIST_ONLY")
_ELSEWHERE = ("PASSWORD", "ROLE", "RESOURCE")
_CONSTANTS: dict[str, Value] = {"TRUE": 1, "FALSE": 0, "NULL": None}
_TRUTHS = {"1": True, "ON": True, "TRUE": True, "0": False, "OFF": False, "FALSE": False}
_LEVELS = {
    ("READ", "UNCOMMITTED"): "READ-UNCOMMITTED",
    ("READ", "COMMITTED"): "READ-COMMITTED",
    ("REPEATABLE", "READ"): "REPEATABLE-READ",
}

_Item = Assignment | Names | Characteristics


def read_set(tokens: Tokens) -> SetAll:
    """
    Args:
        tokens: behind SET.

    Raises:
        MySqlError: ER_PARSE_ERROR, or something that is refused.
    """
    items = [_item(tokens)]
    while tokens.accept_symbol(","):
        items.append(_item(tokens))
    return SetAll(tuple(items))


def _item(tokens: Tokens) -> _Item:
    if tokens.accept("NAMES"):
        return _names(tokens)
    if tokens.accept("CHARACTER", "SET") or tokens.accept("CHARSET"):
        return Names(_charset(tokens))
    if tokens.peek.kind is TokenKind.VARIABLE:
        return _variable(tokens)
    if tokens.accept("TRANSACTION"):
        return _characteristics(tokens, None)
    for word in (*_KEPT, *_ELSEWHERE):
        if tokens.is_word(word):
            raise not_supported(f"SET {word}")
    return _named(tokens)


def _named(tokens: Tokens) -> _Item:
    scope = Scope.SESSION
    if word := tokens.accept_any(*_SCOPES):
        scope = _SCOPES[word]
        if tokens.accept("TRANSACTION"):
            return _characteristics(tokens, scope)
    name = tokens.name()
    if tokens.accept_symbol("."):
        raise not_supported(f"The variable {name}.{tokens.any_name()}")
    return _assignment(tokens, scope, name)


def _variable(tokens: Tokens) -> Assignment | Characteristics:
    text = tokens.next().text
    if not text.startswith("@@"):
        return _assignment(tokens, Scope.USER, text[1:])
    scope, _, name = text[2:].rpartition(".")
    if scope.upper() in _KEPT:
        raise not_supported(f"SET {scope.upper()}")
    if scope and scope.upper() not in _SCOPES:
        raise not_supported(f"The variable {scope}.{name}")
    assigned = _assignment(tokens, _SCOPES.get(scope.upper(), Scope.SESSION), name)
    return assigned if scope else _of_next_transaction(assigned)


def _of_next_transaction(assigned: Assignment) -> Assignment | Characteristics:
    """`@@transaction_isolation`, without SESSION, is of the next transaction only."""
    value = assigned.value.text if isinstance(assigned.value, Word) else assigned.value
    if assigned.name == "transaction_isolation" and isinstance(value, str):
        return Characteristics(None, isolation=value.upper())
    if assigned.name == "transaction_read_only":
        known = _TRUTHS.get(str(value).upper())
        if known is not None:
            return Characteristics(None, is_read_only=known)
    return assigned


def _assignment(tokens: Tokens, scope: Scope, name: str) -> Assignment:
    if not tokens.accept_symbol(":="):
        tokens.expect_symbol("=")
    return Assignment(scope, name.lower(), _value(tokens))


def _value(tokens: Tokens) -> Value | Word | Computed:
    first = tokens.peek
    if tokens.at_end:
        raise tokens.fail()
    if _ends(tokens.ahead(1)):
        tokens.next()
        return _simple(first)
    # `- 1` is the only other thing that needs no evaluation.
    if (
        tokens.is_symbol("-")
        and tokens.ahead(1).kind is TokenKind.NUMBER
        and _ends(tokens.ahead(2))
    ):
        tokens.next()
        return _number("-" + tokens.next().text)
    return Computed(_expression(tokens))


def _simple(token: Token) -> Value | Word | Computed:
    match token.kind:
        case TokenKind.STRING:
            return unquoted(token.text)
        case TokenKind.NUMBER:
            return _number(token.text)
        case TokenKind.WORD if token.upper in _CONSTANTS:
            return _CONSTANTS[token.upper]
        case TokenKind.WORD:
            return Word(token.text)
    return Computed(token.text)


def _number(text: str) -> Value:
    if "e" in text.lower():
        return float(text)
    return Decimal(text) if "." in text else int(text)


def _expression(tokens: Tokens) -> str:
    parts: list[str] = []
    depth = 0
    while not tokens.at_end and (depth or not tokens.is_symbol(",")):
        token = tokens.next()
        if token.kind is TokenKind.SYMBOL:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        parts.append(token.text)
        if tokens.peek.start > token.end:
            parts.append(" ")
    return "".join(parts).strip()


def _ends(token: Token) -> bool:
    return token.kind is TokenKind.END or (token.kind is TokenKind.SYMBOL and token.text == ",")


def _names(tokens: Tokens) -> Names:
    charset = _charset(tokens)
    collation = None
    if charset is not None and tokens.accept("COLLATE"):
        collation = tokens.string() if tokens.is_string else tokens.any_name()
    return Names(charset, collation)


def _charset(tokens: Tokens) -> str | None:
    if tokens.accept("DEFAULT"):
        return None
    return tokens.string() if tokens.is_string else tokens.any_name()


def _characteristics(tokens: Tokens, scope: Scope | None) -> Characteristics:
    isolation: str | None = None
    is_read_only: bool | None = None
    while True:
        if isolation is None and tokens.accept("ISOLATION", "LEVEL"):
            isolation = _level(tokens)
        elif is_read_only is None and tokens.accept("READ"):
            is_read_only = tokens.expect_any("ONLY", "WRITE") == "ONLY"
        else:
            raise tokens.fail()
        if not tokens.accept_symbol(","):
            return Characteristics(scope, isolation, is_read_only)


def _level(tokens: Tokens) -> str:
    if tokens.accept("SERIALIZABLE"):
        return "SERIALIZABLE"
    for words, name in _LEVELS.items():
        if tokens.accept(*words):
            return name
    raise tokens.fail()
