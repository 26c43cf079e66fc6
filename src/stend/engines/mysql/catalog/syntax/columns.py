"""One column of a definition: its type and what is said of it."""

from dataclasses import dataclass, field, replace

from stend.engines.mysql.catalog.syntax.charsets import BIN_COLLATION, check_collation
from stend.engines.mysql.catalog.syntax.charsets import name_or_string as charset_name
from stend.engines.mysql.catalog.syntax.definitions import (
    CheckSpec,
    ColumnSpec,
    DefaultKind,
    DefaultSpec,
)
from stend.engines.mysql.catalog.syntax.tokens import TokenKind, Tokens
from stend.engines.mysql.catalog.syntax.types import MAX_FRACTION, read_type
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.types import Kind, SqlType

_NOW = ("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP")
_REFUSED = ("INVISIBLE", "COLUMN_FORMAT", "STORAGE", "ENGINE_ATTRIBUTE", "SRID")
_MAX_COMMENT = 1024


@dataclass(slots=True)
class _Attributes:
    """What was read so far."""

    name: str
    nullable: bool | None = None
    default: DefaultSpec | None = None
    on_update: str | None = None
    auto_increment: bool = False
    comment: str = ""
    generated: str | None = None
    is_stored: bool = False
    is_primary: bool = False
    is_unique: bool = False
    collation: str | None = None
    checks: list[CheckSpec] = field(default_factory=list)


def read_column(tokens: Tokens, name: str) -> ColumnSpec:
    """
    Args:
        name: which was read already.

    Raises:
        MySqlError: ER_PARSE_ERROR, a refusal, or what is wrong with the type.
    """
    seen = _Attributes(name)
    if tokens.accept("SERIAL"):
        type_, has_collation = SqlType(Kind.BIGINT, unsigned=True), False
        seen.nullable, seen.auto_increment, seen.is_unique = False, True, True
    else:
        type_, has_collation = read_type(tokens, name)
    while _read_attribute(tokens, seen):
        pass
    if seen.collation is not None:
        if not type_.is_text:
            raise not_supported(f"COLLATE of {type_.kind.value.upper()}")
        type_, has_collation = replace(type_, collation=seen.collation), True
    return _spec(seen, type_, has_collation=has_collation)


def _spec(seen: _Attributes, type_: SqlType, *, has_collation: bool) -> ColumnSpec:
    return ColumnSpec(
        name=seen.name,
        type=type_,
        nullable=seen.nullable,
        default=seen.default,
        on_update=seen.on_update,
        auto_increment=seen.auto_increment,
        comment=seen.comment,
        generated=seen.generated,
        is_stored=seen.is_stored,
        is_primary=seen.is_primary,
        is_unique=seen.is_unique,
        checks=tuple(seen.checks),
        has_collation=has_collation,
    )


def _read_attribute(tokens: Tokens, seen: _Attributes) -> bool:
    """One attribute, if there is another one."""
    if refused := tokens.accept_any(*_REFUSED):
        raise not_supported(f"{refused} of a column")
    if tokens.is_word("REFERENCES"):
        # InnoDB reads this and forgets it; a key that is not kept is worse than an error.
        raise not_supported("REFERENCES beside a column (FOREIGN KEY is)")
    return (
        _read_nullability(tokens, seen)
        or _read_value(tokens, seen)
        or _read_key(tokens, seen)
        or _read_generation(tokens, seen)
        or _read_check(tokens, seen)
    )


def _read_nullability(tokens: Tokens, seen: _Attributes) -> bool:
    if tokens.accept("NOT", "NULL"):
        seen.nullable = False
    elif tokens.accept("NULL"):
        seen.nullable = True
    elif not tokens.accept("VISIBLE"):
        return False
    return True


def _read_value(tokens: Tokens, seen: _Attributes) -> bool:
    if tokens.accept("DEFAULT"):
        seen.default = read_default(tokens)
    elif tokens.accept("ON", "UPDATE"):
        tokens.expect_any(*_NOW)
        seen.on_update = _read_now(tokens)
    elif tokens.accept("AUTO_INCREMENT"):
        seen.auto_increment = True
    elif tokens.accept("COMMENT"):
        seen.comment = read_comment(tokens, f"field '{seen.name}'", _MAX_COMMENT)
    elif tokens.accept("COLLATE"):
        seen.collation = check_collation(charset_name(tokens))
        if seen.collation == "binary":
            raise not_supported("COLLATE binary of a column")
    elif tokens.accept("BINARY"):
        seen.collation = BIN_COLLATION
    else:
        return False
    return True


def _read_key(tokens: Tokens, seen: _Attributes) -> bool:
    if tokens.accept("UNIQUE"):
        tokens.accept("KEY")
        seen.is_unique = True
    elif tokens.accept("PRIMARY", "KEY") or tokens.accept("KEY"):
        seen.is_primary = True
    else:
        return False
    return True


def _read_generation(tokens: Tokens, seen: _Attributes) -> bool:
    if tokens.accept("GENERATED"):
        tokens.expect("ALWAYS", "AS")
    elif not tokens.accept("AS"):
        return False
    seen.generated = tokens.parenthesised()
    if tokens.accept("STORED"):
        seen.is_stored = True
    else:
        tokens.accept("VIRTUAL")
    return True


def _read_check(tokens: Tokens, seen: _Attributes) -> bool:
    if not tokens.is_word("CHECK") and not tokens.is_word("CONSTRAINT"):
        return False
    name = None
    if tokens.accept("CONSTRAINT") and not tokens.is_word("CHECK"):
        name = tokens.name()
    seen.checks.append(replace(read_check(tokens, name), column=seen.name))
    return True


def read_check(tokens: Tokens, name: str | None) -> CheckSpec:
    """From the word CHECK on."""
    tokens.expect("CHECK")
    expression = tokens.parenthesised()
    enforced = True
    if tokens.accept("NOT", "ENFORCED"):
        enforced = False
    else:
        tokens.accept("ENFORCED")
    return CheckSpec(name, expression, enforced)


def read_default(tokens: Tokens) -> DefaultSpec:
    """What stands behind DEFAULT."""
    if tokens.accept("NULL"):
        return DefaultSpec(DefaultKind.NULL)
    if tokens.is_symbol("("):
        return DefaultSpec(DefaultKind.EXPRESSION, tokens.parenthesised().strip())
    if tokens.accept_any(*_NOW):
        return DefaultSpec(DefaultKind.NOW, _read_now(tokens))
    if word := tokens.accept_any("TRUE", "FALSE"):
        return DefaultSpec(DefaultKind.LITERAL, str(int(word == "TRUE")), is_number=True)
    tokens_with_value = ("DATE", "TIME", "TIMESTAMP")
    if any(tokens.is_word(word) for word in tokens_with_value):
        tokens.next()
        return DefaultSpec(DefaultKind.LITERAL, tokens.string())
    if tokens.is_string:
        return DefaultSpec(DefaultKind.LITERAL, tokens.string())
    return _read_number(tokens)


def _read_number(tokens: Tokens) -> DefaultSpec:
    sign = ""
    if tokens.accept_symbol("-"):
        sign = "-"
    else:
        tokens.accept_symbol("+")
    token = tokens.peek
    if token.kind is not TokenKind.NUMBER:
        raise tokens.fail()
    tokens.next()
    return DefaultSpec(DefaultKind.LITERAL, sign + token.text, is_number=True)


def _read_now(tokens: Tokens) -> str:
    if not tokens.accept_symbol("("):
        return ""
    digits = "" if tokens.is_symbol(")") else str(tokens.number())
    tokens.expect_symbol(")")
    if digits and int(digits) > MAX_FRACTION:
        raise MySqlError(
            MyError.ER_TOO_BIG_PRECISION,
            f"Too-big precision {digits} specified for 'now'. Maximum is {MAX_FRACTION}.",
        )
    return "" if digits == "0" else digits


def read_comment(tokens: Tokens, what: str, most: int) -> str:
    """
    Raises:
        MySqlError: it is longer than `most` characters.
    """
    tokens.accept_symbol("=")
    comment = tokens.string()
    if len(comment) > most:
        error = MyError.ER_TOO_LONG_COMMENT
        raise MySqlError(error, f"Comment for {what} is too long (max = {most})")
    return comment
