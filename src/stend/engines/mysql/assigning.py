"""SET: first every value, then every variable; after an error all are as they were."""

from collections.abc import Awaitable, Callable

from stend.engines.mysql.backend.levels import Isolation
from stend.engines.mysql.client import Client
from stend.engines.mysql.errors import MyError, MySqlError
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
from stend.engines.mysql.variables import Default

Evaluate = Callable[[str], Awaitable[Value]]
_CHARACTER_SETS = ("character_set_client", "character_set_connection", "character_set_results")


class Assigner:
    """
    Args:
        evaluate: gives the value of an expression.
        in_transaction: whether one is open.
    """

    def __init__(self, client: Client, evaluate: Evaluate, *, in_transaction: bool) -> None:
        self._client = client
        self._evaluate = evaluate
        self._in_transaction = in_transaction
        # How to make it as it was, in the order in which it was changed.
        self._undo: list[Callable[[], None]] = []

    async def run(self, action: SetAll) -> None:
        """
        Raises:
            MySqlError: nothing is set then.
        """
        values = [await self._value(one) for one in action.items]
        try:
            for item, value in zip(action.items, values, strict=True):
                self._apply(item, value)
        except MySqlError:
            for undo in reversed(self._undo):
                undo()
            raise

    async def _value(self, item: Assignment | Names | Characteristics) -> Value | Word:
        if not isinstance(item, Assignment):
            return None
        if isinstance(item.value, Computed):
            return await self._evaluate(item.value.sql)
        return item.value

    def _apply(self, item: Assignment | Names | Characteristics, value: Value | Word) -> None:
        match item:
            case Names():
                self._set_names(item)
            case Characteristics():
                self._set_characteristics(item)
            case Assignment(scope=Scope.USER):
                self._set_user(item.name, value)
            case Assignment():
                known = value if not isinstance(value, Word) else _word(value)
                self._set(item.name, known, is_global=item.scope is Scope.GLOBAL)

    def _set(self, name: str, value: Value | Default, *, is_global: bool = False) -> None:
        variables = self._client.variables
        before = variables.get(name, is_global=is_global)
        variables.set(name, value, is_global=is_global)
        self._undo.append(lambda: variables.set(name, before, is_global=is_global))

    def _set_user(self, name: str, value: Value | Word) -> None:
        if isinstance(value, Word):
            raise MySqlError(
                MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{value.text}' in 'field list'"
            )
        before = self._client.user_variables
        self._client.user_variables = {**before, name: value}

        def undo() -> None:
            self._client.user_variables = before

        self._undo.append(undo)

    def _set_names(self, names: Names) -> None:
        charset = Default() if names.charset is None else names.charset
        for name in _CHARACTER_SETS:
            self._set(name, charset)
        collation = Default() if names.collation is None else names.collation
        self._set("collation_connection", collation)

    def _set_characteristics(self, item: Characteristics) -> None:
        if item.scope is not None:
            is_global = item.scope is Scope.GLOBAL
            if item.isolation is not None:
                self._set("transaction_isolation", item.isolation, is_global=is_global)
            if item.is_read_only is not None:
                self._set("transaction_read_only", int(item.is_read_only), is_global=is_global)
            return
        if self._in_transaction:
            raise MySqlError(
                MyError.ER_CANT_CHANGE_TX_CHARACTERISTICS,
                "Transaction characteristics can't be changed while a transaction is in progress",
            )
        client = self._client
        if item.isolation is not None:
            client.next_isolation = self._checked_isolation(item.isolation)
        if item.is_read_only is not None:
            client.next_read_only = item.is_read_only

    def _checked_isolation(self, name: str) -> Isolation:
        """What the variable takes is a level that there is."""
        variables = self._client.variables
        before = variables.get("transaction_isolation")
        variables.set("transaction_isolation", name)
        variables.set("transaction_isolation", before)
        return Isolation(name)


def _word(word: Word) -> Value | Default:
    return Default() if word.text.upper() == "DEFAULT" else word.text
