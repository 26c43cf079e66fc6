"""Tells the kinds of statements apart, and reads those that are no queries."""

from stend.engines.mysql.catalog.ddl import is_ddl
from stend.engines.mysql.catalog.showing import is_show
from stend.engines.mysql.catalog.syntax.tokens import TokenKind, Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.statements.actions import (
    Action,
    Begin,
    Finish,
    Kill,
    Nothing,
    Savepoint,
    SavepointAction,
    Text,
    Use,
)
from stend.engines.mysql.statements.setting import read_set

_QUERIES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE"})
# Statements of MySQL that this server has not.
_REFUSED = {
    "ANALYZE": "ANALYZE TABLE",
    "BINLOG": "BINLOG",
    "CACHE": "CACHE INDEX",
    "CALL": "CALL",
    "CHANGE": "CHANGE REPLICATION",
    "CHECK": "CHECK TABLE",
    "CHECKSUM": "CHECKSUM TABLE",
    "CLONE": "CLONE",
    "DEALLOCATE": "PREPARE in SQL",
    "DESC": "EXPLAIN of a query",
    "DESCRIBE": "EXPLAIN of a query",
    "DO": "DO",
    "EXECUTE": "PREPARE in SQL",
    "EXPLAIN": "EXPLAIN of a query",
    "FLUSH": "FLUSH",
    "GET": "GET DIAGNOSTICS",
    "GRANT": "GRANT",
    "HANDLER": "HANDLER",
    "HELP": "HELP",
    "IMPORT": "IMPORT TABLE",
    "INSTALL": "INSTALL",
    "LOAD": "LOAD",
    "LOCK": "LOCK TABLES",
    "OPTIMIZE": "OPTIMIZE TABLE",
    "PREPARE": "PREPARE in SQL",
    "PURGE": "PURGE BINARY LOGS",
    "REPAIR": "REPAIR TABLE",
    "RESET": "RESET",
    "RESIGNAL": "RESIGNAL",
    "RESTART": "RESTART",
    "REVOKE": "REVOKE",
    "SHUTDOWN": "SHUTDOWN",
    "SIGNAL": "SIGNAL",
    "START": "START of replication",
    "STOP": "STOP of replication",
    "UNINSTALL": "UNINSTALL",
    "XA": "XA",
}


def read(source: Source) -> Action:
    """
    Raises:
        MySqlError: ER_PARSE_ERROR, or a statement that is refused.
    """
    tokens = Tokens(source)
    first = tokens.peek
    word = first.upper if first.kind is TokenKind.WORD else ""
    if word in _QUERIES or tokens.is_symbol("("):
        return Text.QUERY
    if is_ddl(word):
        return Text.DEFINE
    if reader := _READERS.get(word):
        tokens.next()
        action = reader(tokens)
        tokens.expect_end()
        return action
    if is_show(source):
        return Text.SHOW
    if word in _REFUSED:
        raise not_supported(_REFUSED[word])
    raise tokens.fail(first)


def _begin(tokens: Tokens) -> Action:
    tokens.accept("WORK")
    return Begin()


def _start(tokens: Tokens) -> Action:
    if not tokens.accept("TRANSACTION"):
        raise not_supported(_REFUSED["START"])
    is_read_only: bool | None = None
    with_snapshot = False
    while not tokens.at_end:
        if tokens.accept("WITH", "CONSISTENT", "SNAPSHOT"):
            with_snapshot = True
        else:
            tokens.expect("READ")
            wanted = tokens.expect_any("ONLY", "WRITE") == "ONLY"
            if is_read_only is not None and is_read_only != wanted:
                raise tokens.fail()
            is_read_only = wanted
        if not tokens.accept_symbol(","):
            break
    return Begin(is_read_only, with_snapshot)


def _commit(tokens: Tokens) -> Action:
    tokens.accept("WORK")
    return _finish(tokens, is_commit=True)


def _rollback(tokens: Tokens) -> Action:
    tokens.accept("WORK")
    if tokens.accept("TO"):
        tokens.accept("SAVEPOINT")
        return Savepoint(SavepointAction.ROLLBACK, tokens.name())
    return _finish(tokens, is_commit=False)


def _finish(tokens: Tokens, *, is_commit: bool) -> Finish:
    chain = release = False
    if tokens.accept("AND"):
        chain = not tokens.accept("NO")
        tokens.expect("CHAIN")
    if tokens.accept("NO"):
        tokens.expect("RELEASE")
    elif tokens.is_word("RELEASE"):
        if chain:
            raise tokens.fail()
        tokens.next()
        release = True
    return Finish(is_commit, chain, release)


def _savepoint(tokens: Tokens) -> Action:
    return Savepoint(SavepointAction.SET, tokens.name())


def _release(tokens: Tokens) -> Action:
    tokens.expect("SAVEPOINT")
    return Savepoint(SavepointAction.RELEASE, tokens.name())


def _use(tokens: Tokens) -> Action:
    return Use(tokens.name())


def _kill(tokens: Tokens) -> Action:
    is_query = tokens.accept_any("QUERY", "CONNECTION") == "QUERY"
    if tokens.peek.kind is not TokenKind.NUMBER:
        raise MySqlError(MyError.ER_NOT_SUPPORTED_YET, "KILL takes the number of a connection here")
    return Kill(tokens.number(), is_query)


def _unlock(tokens: Tokens) -> Action:
    tokens.expect_any("TABLES", "TABLE")
    # LOCK TABLES is refused, so there is nothing that it would unlock.
    return Nothing()


_READERS = {
    "BEGIN": _begin,
    "START": _start,
    "COMMIT": _commit,
    "ROLLBACK": _rollback,
    "SAVEPOINT": _savepoint,
    "RELEASE": _release,
    "USE": _use,
    "KILL": _kill,
    "UNLOCK": _unlock,
    "SET": read_set,
}
