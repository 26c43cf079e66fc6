"""The body of CREATE TABLE: columns, keys, constraints, and the table's options."""

from dataclasses import dataclass, replace

from stend.engines.mysql.catalog.syntax.charsets import (
    DEFAULT_COLLATION,
    Charset,
    name_or_string,
    read_charset,
)
from stend.engines.mysql.catalog.syntax.columns import read_check, read_column, read_comment
from stend.engines.mysql.catalog.syntax.definitions import (
    CheckSpec,
    Element,
    ForeignKeySpec,
    KeyPart,
    KeySpec,
    NameSpec,
    Options,
)
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported

_MAX_COMMENT = 2048
_MAX_KEY_COMMENT = 1024
# They say how rows lie on a disk, which nobody sees.
_ROW_FORMATS = ("DEFAULT", "DYNAMIC", "COMPACT", "REDUNDANT")


def read_name(tokens: Tokens) -> NameSpec:
    """`table` or `database.table`."""
    first = tokens.name()
    if tokens.accept_symbol("."):
        return NameSpec(first, tokens.any_name())
    return NameSpec(None, first)


def read_elements(tokens: Tokens) -> tuple[Element, ...]:
    """What stands in the parentheses of CREATE TABLE."""
    tokens.expect_symbol("(")
    elements = [read_element(tokens)]
    while tokens.accept_symbol(","):
        elements.append(read_element(tokens))
    tokens.expect_symbol(")")
    return tuple(elements)


def read_element(tokens: Tokens) -> Element:
    """A key, a constraint, or else a column."""
    constraint = read_constraint(tokens)
    if constraint is not None:
        return constraint
    return read_column(tokens, tokens.name())


def read_constraint(tokens: Tokens) -> KeySpec | ForeignKeySpec | CheckSpec | None:
    """A key or a constraint, if there is one next."""
    name = None
    is_named = tokens.accept("CONSTRAINT")
    if is_named and not _constraint_begins(tokens):
        name = tokens.name()
    if tokens.accept("PRIMARY", "KEY"):
        return replace(_read_key(tokens, None), name=None, is_primary=True, is_unique=True)
    if tokens.accept("UNIQUE"):
        tokens.accept_any("KEY", "INDEX")
        key = _read_key(tokens, name)
        return replace(key, is_unique=True)
    if tokens.accept("FOREIGN", "KEY"):
        return _read_foreign_key(tokens, name)
    if tokens.is_word("CHECK"):
        return read_check(tokens, name)
    if is_named:
        raise tokens.fail()
    if word := tokens.accept_any("FULLTEXT", "SPATIAL"):
        raise not_supported(f"A {word} index")
    if tokens.accept_any("KEY", "INDEX"):
        return _read_key(tokens, None)
    return None


def _constraint_begins(tokens: Tokens) -> bool:
    return any(tokens.is_word(word) for word in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"))


def _read_key(tokens: Tokens, name: str | None) -> KeySpec:
    if tokens.is_name and not tokens.is_word("USING"):
        name = tokens.name()
    _read_using(tokens)
    parts = read_key_parts(tokens)
    return KeySpec(name, parts, comment=read_key_options(tokens))


def read_key_parts(tokens: Tokens) -> tuple[KeyPart, ...]:
    """`(a, b(10) DESC)`."""
    tokens.expect_symbol("(")
    parts = [_read_key_part(tokens)]
    while tokens.accept_symbol(","):
        parts.append(_read_key_part(tokens))
    tokens.expect_symbol(")")
    return tuple(parts)


def _read_key_part(tokens: Tokens) -> KeyPart:
    if tokens.is_symbol("("):
        raise not_supported("An index on an expression")
    column = tokens.name()
    prefix = None
    if tokens.accept_symbol("("):
        prefix = tokens.number()
        tokens.expect_symbol(")")
    is_descending = tokens.accept_any("ASC", "DESC") == "DESC"
    return KeyPart(column, prefix, is_descending)


def _read_using(tokens: Tokens) -> bool:
    if not tokens.accept("USING"):
        return False
    # InnoDB makes a BTREE of HASH too.
    tokens.expect_any("BTREE", "HASH")
    return True


def read_key_options(tokens: Tokens) -> str:
    """
    Returns:
        The comment.
    """
    comment = ""
    while True:
        if tokens.accept("COMMENT"):
            comment = read_comment(tokens, "index", _MAX_KEY_COMMENT)
        elif tokens.is_word("INVISIBLE"):
            raise not_supported("An INVISIBLE index")
        elif word := tokens.accept_any("KEY_BLOCK_SIZE", "WITH", "ENGINE_ATTRIBUTE"):
            raise not_supported(f"{word} of an index")
        elif not _read_using(tokens) and not tokens.accept("VISIBLE"):
            return comment


def _read_foreign_key(tokens: Tokens, name: str | None) -> ForeignKeySpec:
    index_name = tokens.name() if tokens.is_name else None
    columns = _read_column_names(tokens)
    tokens.expect("REFERENCES")
    target = read_name(tokens)
    target_columns = _read_column_names(tokens)
    if tokens.accept("MATCH"):
        raise not_supported("MATCH of a foreign key")
    actions = _read_actions(tokens)
    return ForeignKeySpec(
        name,
        index_name,
        columns,
        target,
        target_columns,
        actions.get("DELETE", "NO ACTION"),
        actions.get("UPDATE", "NO ACTION"),
    )


def _read_actions(tokens: Tokens) -> dict[str, str]:
    actions: dict[str, str] = {}
    while tokens.is_word("ON"):
        token = tokens.next()
        event = tokens.expect_any("DELETE", "UPDATE")
        if event in actions:
            raise tokens.fail(token)
        actions[event] = _read_action(tokens)
    return actions


def _read_action(tokens: Tokens) -> str:
    if tokens.accept("SET", "NULL"):
        return "SET NULL"
    if tokens.accept("SET", "DEFAULT"):
        # InnoDB rejects it too (section 15.1.20.5).
        raise not_supported("SET DEFAULT of a foreign key")
    if tokens.accept("NO", "ACTION"):
        return "NO ACTION"
    return tokens.expect_any("RESTRICT", "CASCADE")


def _read_column_names(tokens: Tokens) -> tuple[str, ...]:
    parts = read_key_parts(tokens)
    if any(part.prefix is not None for part in parts):
        raise not_supported("A foreign key on a prefix of a column")
    return tuple(part.column for part in parts)


@dataclass(slots=True)
class _Read:
    options: Options


def read_options(tokens: Tokens, *, with_commas: bool) -> Options:
    """The options of a table.

    Args:
        with_commas: CREATE TABLE lets commas stand between them; ALTER TABLE divides actions so.
    """
    read = _Read(Options())
    while _read_option(tokens, read):
        if with_commas:
            tokens.accept_symbol(",")
    return read.options


def _read_option(tokens: Tokens, read: _Read) -> bool:
    if is_charset_next(tokens):
        read.options = replace(read.options, collation=read_table_charset(tokens))
    elif tokens.accept("ENGINE"):
        tokens.accept_symbol("=")
        read.options = replace(read.options, engine=_checked_engine(name_or_string(tokens)))
    elif tokens.accept("AUTO_INCREMENT"):
        tokens.accept_symbol("=")
        read.options = replace(read.options, auto_increment=tokens.number())
    elif tokens.accept("COMMENT"):
        comment = read_comment(tokens, "table", _MAX_COMMENT)
        read.options = replace(read.options, comment=comment)
    elif tokens.accept("ROW_FORMAT"):
        tokens.accept_symbol("=")
        tokens.expect_any(*_ROW_FORMATS)
    else:
        return False
    return True


def _checked_engine(name: str) -> str:
    if name.upper() == "INNODB":
        return "InnoDB"
    raise MySqlError(MyError.ER_UNKNOWN_STORAGE_ENGINE, f"Unknown storage engine '{name}'")


def is_charset_next(tokens: Tokens) -> bool:
    """Whether `[DEFAULT] CHARACTER SET` or `[DEFAULT] COLLATE` comes."""
    shift = int(tokens.is_word("DEFAULT"))
    return tokens.ahead(shift).upper in {"CHARACTER", "CHARSET", "COLLATE"}


def read_table_charset(tokens: Tokens) -> str:
    """The collation of a table or of a database, from DEFAULT or CHARACTER SET on."""
    collation = None
    while is_charset_next(tokens):
        tokens.accept("DEFAULT")
        charset = read_charset(tokens)
        if charset is None:
            raise tokens.fail()
        if charset is Charset.BINARY:
            raise not_supported("CHARACTER SET binary")
        # `CHARSET=utf8mb4 COLLATE=utf8mb4_bin`: the collation says more.
        if collation is None or charset is not Charset.GENERAL_CI:
            collation = charset.value
    return collation or DEFAULT_COLLATION
