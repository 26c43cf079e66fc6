"""The items of SELECT: what they are called, and what `*` stands for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.joins import Relation, visible
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.parsing import ITEM_TEXTS
from stend.engines.mysql.sql.scope import ColumnRef, Scope
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.sql.typed import Typed, as_value
from stend.engines.mysql.sql.work import Output, Work, understood

Translate = Callable[[exp.Expression, Scope], Typed]
ScopeOf = Callable[[int], Scope]


@dataclass(frozen=True, slots=True)
class Items:
    """
    Attributes:
        scope_of: of the item with this number, from 1.
    """

    work: Work
    relation: Relation
    scope_of: ScopeOf
    translate: Translate

    def outputs(self, node: exp.Select) -> tuple[Output, ...]:
        """
        Raises:
            MySqlError: an item is wrong, or is refused.
        """
        items = node.expressions
        texts = node.meta.get(ITEM_TEXTS) or tuple("*" for _ in items)
        if len(texts) != len(items) or not items:
            raise syntax_error(self.work.text, len(self.work.text))
        outputs: list[Output] = []
        for index, (item, text) in enumerate(zip(items, texts, strict=True)):
            if isinstance(item, exp.Star) and index:
                raise syntax_error(self.work.text, self.work.text.find(text))
            outputs += self._of(item, text, len(outputs) + 1)
        return tuple(outputs)

    def _of(self, item: exp.Expression, text: str, number: int) -> Iterator[Output]:
        if isinstance(item, exp.Star):
            understood(item)
            yield from self._star(self._everything(), number)
        elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            understood(item, "this", "table", "db")
            understood(item.this)
            yield from self._star(self._all_of(item), number)
        elif isinstance(item, exp.Alias):
            understood(item, "this", "alias")
            yield self._one(item.this, item.alias, number)
        else:
            yield self._one(item, name_of(item, text), number)

    def _one(self, node: exp.Expression, name: str, number: int) -> Output:
        scope = self.scope_of(number)
        typed = self.translate(node, scope)
        while isinstance(node, exp.Paren):
            node = node.this
        definition = OutputColumn(name, typed.type, nullable=typed.nullable)
        if isinstance(node, exp.Column) and typed.is_column:
            ref = scope.resolve(node.table or None, node.name, node.db or None)
            if ref.output is not None:
                found = ref.output
                definition = found if found.name == name else replace(found, name=name)
        return _finished(name, typed, definition)

    def _everything(self) -> Sequence[tuple[str, ColumnRef]]:
        if not self.relation.sources:
            raise MySqlError(MyError.ER_NO_TABLES_USED, "No tables used")
        return self.relation.star

    def _all_of(self, item: exp.Column) -> Sequence[tuple[str, ColumnRef]]:
        database = item.db or None
        for source in self.relation.sources:
            if source.alias == item.table and database in (None, source.database):
                return visible(source)
        full = f"{database}.{item.table}" if database else item.table
        raise MySqlError(MyError.ER_BAD_TABLE_ERROR, f"Unknown table '{full}'")

    def _star(self, columns: Sequence[tuple[str, ColumnRef]], number: int) -> Iterator[Output]:
        for index, (name, found) in enumerate(columns):
            seen = self.scope_of(number + index).seen_column
            ref = found if seen is None else seen(found)
            definition = ref.output or OutputColumn(name, ref.type, nullable=ref.nullable)
            typed = Typed(ref.sql, ref.type, nullable=ref.nullable, is_column=True)
            yield _finished(definition.name, typed, definition)


def _finished(name: str, typed: Typed, definition: OutputColumn) -> Output:
    value = as_value(typed)
    nullable = definition.nullable or typed.nullable
    if definition.type is not value.type or definition.nullable is not nullable:
        definition = replace(definition, type=value.type, nullable=nullable)
    return Output(name, value, definition)


def name_of(item: exp.Expression, text: str) -> str:
    """What an item without an alias is called."""
    inner = item
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Column):
        return str(inner.name)
    if isinstance(inner, exp.Null):
        return "NULL"
    if isinstance(inner, exp.Boolean):
        return "TRUE" if inner.this else "FALSE"
    if isinstance(inner, exp.Concat) and inner.expressions:
        # 'a' 'b' is one literal with the name of its first part.
        inner = inner.expressions[0]
    if isinstance(inner, exp.Literal):
        return str(inner.this).lstrip() if inner.is_string else text.strip("( )")
    return text
