"""What a part of the translation gets: the scope, and a way back to the whole of it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Typed


@dataclass(frozen=True, slots=True)
class Context:
    """
    Attributes:
        whole: translates any expression in a scope.
    """

    scope: Scope
    whole: Callable[[exp.Expression, Scope], Typed]

    @property
    def facts(self) -> Facts:
        return self.scope.facts

    def translate(self, node: exp.Expression) -> Typed:
        return self.whole(node, self.scope)

    def argument(self, node: exp.Expression, name: str) -> Typed:
        """A part of a node that the parser promises to be there."""
        found = node.args[name]
        return self.translate(found)


Handler = Callable[[exp.Expression, Context], Typed]
