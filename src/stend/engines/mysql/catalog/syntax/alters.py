"""The actions of ALTER TABLE."""

from stend.engines.mysql.catalog.syntax.charsets import Charset, read_charset
from stend.engines.mysql.catalog.syntax.columns import read_column, read_default
from stend.engines.mysql.catalog.syntax.definitions import (
    Action,
    AddColumn,
    AddElement,
    ChangeColumn,
    ConvertTexts,
    DropCheck,
    DropColumn,
    DropConstraint,
    DropForeignKey,
    DropKey,
    EnforceCheck,
    Options,
    Position,
    RenameColumn,
    RenameKey,
    RenameTable,
    SetDefault,
    SetOptions,
)
from stend.engines.mysql.catalog.syntax.tables import read_constraint, read_name, read_options
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import not_supported

# They say how the work is done, not what.
_MANNERS = ("ALGORITHM", "LOCK")


def read_actions(tokens: Tokens) -> tuple[Action, ...]:
    """What stands behind the table's name, to the end of the statement."""
    actions: list[Action] = []
    while True:
        actions += _read_action(tokens)
        if not tokens.accept_symbol(","):
            break
    tokens.expect_end()
    return tuple(actions)


def _read_action(tokens: Tokens) -> list[Action]:
    match tokens.accept_any("ADD", "MODIFY", "CHANGE", "DROP", "RENAME", "ALTER", "CONVERT"):
        case "ADD":
            return _read_add(tokens)
        case "MODIFY":
            return [_read_modify(tokens)]
        case "CHANGE":
            return [_read_change(tokens)]
        case "DROP":
            return [_read_drop(tokens)]
        case "RENAME":
            return [_read_rename(tokens)]
        case "ALTER":
            return [_read_alter(tokens)]
        case "CONVERT":
            return [_read_convert(tokens)]
    return _read_other(tokens)


def _read_other(tokens: Tokens) -> list[Action]:
    if tokens.accept_any(*_MANNERS):
        tokens.accept_symbol("=")
        tokens.next()
        return []
    options = read_options(tokens, with_commas=False)
    if options == Options():
        raise tokens.fail()
    return [SetOptions(options)]


def _read_add(tokens: Tokens) -> list[Action]:
    constraint = None if tokens.is_word("COLUMN") else read_constraint(tokens)
    if constraint is not None:
        return [AddElement(constraint)]
    tokens.accept("COLUMN")
    if tokens.is_symbol("("):
        return _read_add_several(tokens)
    column = read_column(tokens, tokens.name())
    return [AddColumn(column, _read_position(tokens))]


def _read_add_several(tokens: Tokens) -> list[Action]:
    tokens.expect_symbol("(")
    actions: list[Action] = []
    while True:
        actions.append(AddColumn(read_column(tokens, tokens.name())))
        if not tokens.accept_symbol(","):
            break
    tokens.expect_symbol(")")
    return actions


def _read_position(tokens: Tokens) -> Position | None:
    if tokens.accept("FIRST"):
        return Position()
    if tokens.accept("AFTER"):
        return Position(tokens.name())
    return None


def _read_modify(tokens: Tokens) -> Action:
    tokens.accept("COLUMN")
    name = tokens.name()
    column = read_column(tokens, name)
    return ChangeColumn(name, column, _read_position(tokens))


def _read_change(tokens: Tokens) -> Action:
    tokens.accept("COLUMN")
    name = tokens.name()
    column = read_column(tokens, tokens.name())
    return ChangeColumn(name, column, _read_position(tokens))


def _read_drop(tokens: Tokens) -> Action:
    if tokens.accept("PRIMARY", "KEY"):
        return DropKey("PRIMARY")
    if tokens.accept("FOREIGN", "KEY"):
        return DropForeignKey(tokens.name())
    if tokens.accept_any("INDEX", "KEY"):
        return DropKey(tokens.name())
    if tokens.accept("CHECK"):
        return DropCheck(tokens.name())
    if tokens.accept("CONSTRAINT"):
        return DropConstraint(tokens.name())
    tokens.accept("COLUMN")
    name = tokens.name()
    # Words without a meaning in MySQL.
    tokens.accept_any("RESTRICT", "CASCADE")
    return DropColumn(name)


def _read_rename(tokens: Tokens) -> Action:
    if tokens.accept("COLUMN"):
        name = tokens.name()
        tokens.expect("TO")
        return RenameColumn(name, tokens.name())
    if tokens.accept_any("INDEX", "KEY"):
        name = tokens.name()
        tokens.expect("TO")
        return RenameKey(name, tokens.name())
    tokens.accept_any("TO", "AS")
    return RenameTable(read_name(tokens))


def _read_alter(tokens: Tokens) -> Action:
    if tokens.accept("INDEX"):
        raise not_supported("ALTER INDEX")
    if tokens.accept_any("CHECK", "CONSTRAINT"):
        name = tokens.name()
        enforced = not tokens.accept("NOT")
        tokens.expect("ENFORCED")
        return EnforceCheck(name, enforced)
    tokens.accept("COLUMN")
    name = tokens.name()
    if tokens.accept("DROP", "DEFAULT"):
        return SetDefault(name, None)
    tokens.expect("SET")
    if not tokens.accept("DEFAULT"):
        raise not_supported("ALTER COLUMN but for its default")
    return SetDefault(name, read_default(tokens))


def _read_convert(tokens: Tokens) -> Action:
    tokens.expect("TO")
    charset = read_charset(tokens)
    if charset is None:
        raise tokens.fail()
    if charset is Charset.BINARY:
        raise not_supported("CONVERT TO CHARACTER SET binary")
    return ConvertTexts(charset.value)
