"""What an expression is compiled in: known variables, and the table of operators."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bson import DatetimeMS

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context

# The variables by name, without their `$$`: ROOT, CURRENT, NOW and what $let and its like bind.
Env = dict[str, Any]
Expression = Callable[[Env], Any]
# A builder takes the operator's name, its argument as written, and the scope.
Builder = Callable[[str, Any, "Scope"], Expression]

# Deeper is refused: a document that holds it could not be sent, and Python's stack is not endless.
MAX_DEPTH = 100
SYSTEM_VARIABLES = frozenset({"ROOT", "CURRENT", "NOW", "REMOVE"})
_KNOWN_ELSEWHERE = frozenset({"CLUSTER_TIME", "JS_SCOPE", "IS_MR", "SEARCH_META", "USER_ROLES"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Names that may be used, how deep the expression is, and where the outside world enters."""

    context: Context
    operators: Mapping[str, Builder]
    names: frozenset[str]
    depth: int = 0

    def binding(self, names: Iterable[str]) -> "Scope":
        """The same scope with more variables."""
        return replace(self, names=self.names | frozenset(names))

    def deeper(self) -> "Scope":
        if self.depth >= MAX_DEPTH:
            raise MongoError(
                Code.Overflow, f"expression exceeds the maximum depth of {MAX_DEPTH} levels"
            )
        return replace(self, depth=self.depth + 1)

    def check_variable(self, name: str) -> None:
        if name in self.names or name in SYSTEM_VARIABLES:
            return
        if name in _KNOWN_ELSEWHERE and name not in self.context.variables:
            raise MongoError(51144, f"Builtin variable '$${name}' is not available")
        if name not in self.context.variables:
            raise MongoError(17276, f"Use of undefined variable: {name}")

    def environment(self) -> Callable[[Any], Env]:
        """What makes the variables for one document.

        The variables of the context are read each time: those of a correlated $lookup change
        from one outer document to the next.
        """
        now, variables = DatetimeMS(self.context.now), self.context.variables
        return lambda document: {
            "NOW": now,
            **variables,
            "ROOT": document,
            "CURRENT": document,
        }


def check_variable_name(name: str) -> None:
    """A name that a user gives to a variable: `this`, or a lower-case first letter.

    Raises:
        MongoError: 16866-16868 as MongoDB, for an empty, a reserved or an ill-formed name.
    """
    if not name:
        raise MongoError(16866, "empty variable names are not allowed")
    if not (name[0].islower() or ord(name[0]) > 127 or name == "CURRENT"):
        raise MongoError(
            16867, f"'{name}' starts with an invalid character for a user variable name"
        )
    for letter in name[1:]:
        if not (letter.isalnum() or letter == "_" or ord(letter) > 127):
            raise MongoError(
                16868, f"'{name}' contains an invalid character for a variable name: '{letter}'"
            )
