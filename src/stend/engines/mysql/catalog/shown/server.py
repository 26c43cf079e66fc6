"""SHOW of the server and of the session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stend.engines.mysql.catalog.information_rows import CHARACTER_SETS, COLLATIONS, ENGINES
from stend.engines.mysql.catalog.plans.plan import Note
from stend.engines.mysql.catalog.printing import backquoted
from stend.engines.mysql.catalog.shown.table import LONG_TEXT, NUMBER, TEXT, Cell, Shown
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.variables import Variables, text_of

_INFO_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Process:
    """A line of SHOW PROCESSLIST."""

    id: int
    user: str
    host: str
    database: str | None
    command: str
    seconds: int
    state: str = ""
    info: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What SHOW tells of beside the catalogue and the variables.

    Attributes:
        notes: warnings of the statement before.
        status: counters for SHOW STATUS, by name.
    """

    notes: Sequence[Note] = ()
    processes: Sequence[Process] = ()
    status: Mapping[str, str] = field(default_factory=dict)


def variables(known: Variables, *, is_global: bool) -> Shown:
    values = known.all(is_global=is_global)
    rows: list[list[Cell]] = [[name, text_of(name, values[name])] for name in sorted(values)]
    return _named_values(rows)


def status(around: Surroundings) -> Shown:
    return _named_values([[name, value] for name, value in sorted(around.status.items())])


def _named_values(rows: list[list[Cell]]) -> Shown:
    return Shown({"Variable_name": TEXT, "Value": LONG_TEXT}, rows, like="Variable_name")


def engines() -> Shown:
    titles = ("Engine", "Support", "Comment", "Transactions", "XA", "Savepoints")
    return Shown(dict.fromkeys(titles, TEXT), _copied(ENGINES))


def charsets() -> Shown:
    titles = {"Charset": TEXT, "Description": TEXT, "Default collation": TEXT, "Maxlen": NUMBER}
    rows = [[name, words, collation, most] for name, collation, words, most in CHARACTER_SETS]
    return Shown(titles, _copied(rows), like="Charset")


def collations() -> Shown:
    titles = {
        "Collation": TEXT,
        "Charset": TEXT,
        "Id": NUMBER,
        "Default": TEXT,
        "Compiled": TEXT,
        "Sortlen": NUMBER,
        "Pad_attribute": TEXT,
    }
    return Shown(titles, _copied(COLLATIONS), like="Collation")


def _copied(rows: Sequence[Sequence[str | int | None]]) -> list[list[Cell]]:
    return [list(row) for row in rows]


def warnings(tokens: Tokens, around: Surroundings, *, errors_only: bool) -> Shown:
    """SHOW WARNINGS and SHOW ERRORS, with LIMIT."""
    notes = [one for one in around.notes if not errors_only or one.level == "Error"]
    if tokens.accept("LIMIT"):
        first = tokens.number()
        count = None
        if tokens.accept_symbol(","):
            count = tokens.number()
        notes = notes[:first] if count is None else notes[first : first + count]
    rows: list[list[Cell]] = [[one.level, one.number, one.message] for one in notes]
    return Shown({"Level": TEXT, "Code": NUMBER, "Message": LONG_TEXT}, rows)


def counted(around: Surroundings, *, errors_only: bool) -> Shown:
    """SHOW COUNT(*) WARNINGS."""
    notes = [one for one in around.notes if not errors_only or one.level == "Error"]
    title = "@@session.error_count" if errors_only else "@@session.warning_count"
    return Shown({title: NUMBER}, [[len(notes)]])


def processes(around: Surroundings, *, is_full: bool) -> Shown:
    titles = {
        "Id": NUMBER,
        "User": TEXT,
        "Host": TEXT,
        "db": TEXT,
        "Command": TEXT,
        "Time": NUMBER,
        "State": TEXT,
        "Info": LONG_TEXT,
    }
    rows: list[list[Cell]] = []
    for one in around.processes:
        info = one.info if is_full or one.info is None else one.info[:_INFO_LENGTH]
        rows.append(
            [one.id, one.user, one.host, one.database, one.command, one.seconds, one.state, info]
        )
    return Shown(titles, rows)


def grants(tokens: Tokens, user: str) -> Shown:
    """Of the one who asks: every user may do everything.

    Args:
        user: `name@host`.
    """
    name, _, host = user.partition("@")
    if tokens.accept("FOR") and not _is_current(tokens, name):
        raise not_supported("SHOW GRANTS of another user")
    text = f"GRANT ALL PRIVILEGES ON *.* TO {backquoted(name)}@{backquoted(host or '%')}"
    return Shown({f"Grants for {user}": LONG_TEXT}, [[f"{text} WITH GRANT OPTION"]])


def _is_current(tokens: Tokens, name: str) -> bool:
    if tokens.accept("CURRENT_USER"):
        if tokens.accept_symbol("("):
            tokens.expect_symbol(")")
        return True
    asked = tokens.string() if tokens.is_string else tokens.name()
    if not tokens.at_end:
        # `@host`, in quotes or without.
        tokens.rest()
    return asked == name
