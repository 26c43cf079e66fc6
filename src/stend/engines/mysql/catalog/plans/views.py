"""CREATE VIEW: kept as it is written, and put in place of its name by each query."""

from dataclasses import replace

from stend.engines.mysql.catalog.plans.filling import query_columns, translated
from stend.engines.mysql.catalog.plans.plan import DdlPlan
from stend.engines.mysql.catalog.plans.tables import full_name
from stend.engines.mysql.catalog.syntax.tables import read_name
from stend.engines.mysql.catalog.syntax.tokens import TokenKind, Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.tables.model import Catalog, Column, Table, TableName


def create_view(tokens: Tokens, catalog: Catalog, facts: Facts, *, may_replace: bool) -> DdlPlan:
    """From the view's name on.

    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    name = full_name(read_name(tokens), catalog, facts.database)
    names = _read_column_names(tokens)
    tokens.expect("AS")
    _refuse_variables(tokens)
    query = tokens.rest()
    if facts.database != name.database:
        raise not_supported("CREATE VIEW in another database than the default one")
    before = catalog.table(name)
    if before is not None and (before.view_sql is None or not may_replace):
        message = f"Table '{name.table}' already exists"
        raise MySqlError(MyError.ER_TABLE_EXISTS_ERROR, message)
    columns = _named(query_columns(translated(query, catalog, facts), catalog), names)
    created = f"{facts.utc_now:%Y-%m-%d %H:%M:%S}"
    view = Table(name, columns, view_sql=query, created=created)
    _check_not_circular(name, query, catalog, facts)
    return DdlPlan((), catalog.with_table(view))


def _read_column_names(tokens: Tokens) -> list[str]:
    names: list[str] = []
    if tokens.accept_symbol("("):
        names.append(tokens.name())
        while tokens.accept_symbol(","):
            names.append(tokens.name())
        tokens.expect_symbol(")")
    return names


def _refuse_variables(tokens: Tokens) -> None:
    distance = 0
    while (token := tokens.ahead(distance)).kind is not TokenKind.END:
        if token.kind is TokenKind.VARIABLE:
            raise MySqlError(
                MyError.ER_VIEW_SELECT_VARIABLE,
                "View's SELECT contains a variable or parameter",
            )
        if token.kind is TokenKind.WORD and token.upper == "CHECK":
            raise not_supported("WITH CHECK OPTION of a view")
        distance += 1


def _named(columns: tuple[Column, ...], names: list[str]) -> tuple[Column, ...]:
    if not names:
        return columns
    if len(names) != len(columns):
        raise MySqlError(
            MyError.ER_VIEW_WRONG_LIST,
            "In definition of view, derived table or common table expression, SELECT list and "
            "column names list have different column counts",
        )
    return tuple(replace(column, name=name) for column, name in zip(columns, names, strict=True))


def _check_not_circular(name: TableName, query: str, catalog: Catalog, facts: Facts) -> None:
    """A view that replaces one of its name must not be made of itself."""
    before = catalog.table(name)
    if before is None:
        return
    try:
        translated(query, catalog.without_table(name), facts)
    except MySqlError as error:
        raise MySqlError(
            MyError.ER_VIEW_RECURSIVE, f"`{name.database}`.`{name.table}` contains view recursion"
        ) from error
