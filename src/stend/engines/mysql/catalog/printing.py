"""An expression as MySQL writes it back: in SHOW CREATE TABLE and information_schema."""

from collections.abc import Callable

from sqlglot import exp

from stend.engines.mysql.sql.expressions.calls import MARK, TYPED

_BINARY: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.NullSafeEQ: "<=>",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "DIV",
    exp.Mod: "%",
    exp.Like: "like",
}


class _UnknownNodeError(Exception):
    """Nothing here writes such a node."""


def printed(node: exp.Expression, text: str) -> str:
    """
    Args:
        text: what the expression was parsed from: it stands for an expression that is not written
            back by this server as MySQL does.

    Returns:
        The expression, in parentheses if it needs any.
    """
    try:
        return _print(node)
    except _UnknownNodeError:
        return f"({text.strip()})"


def _print(node: exp.Expression) -> str:
    if type(node) in _BINARY:
        operator = _BINARY[type(node)]
        return f"({_print(node.this)} {operator} {_print(node.expression)})"
    for kind, printer in _PRINTERS.items():
        if isinstance(node, kind):
            return printer(node)
    raise _UnknownNodeError


def _paren(node: exp.Expression) -> str:
    return _print(node.this)


def _column(node: exp.Expression) -> str:
    return backquoted(node.name)


def _literal(node: exp.Expression) -> str:
    if not isinstance(node, exp.Literal) or not node.is_string:
        return str(node.this)
    return "_utf8mb4" + string(str(node.this))


def _null(_node: exp.Expression) -> str:
    return "NULL"


def _truth(node: exp.Expression) -> str:
    return "true" if node.this else "false"


def _connected(node: exp.Expression) -> str:
    word = "and" if isinstance(node, exp.And) else "or"
    return "(" + f" {word} ".join(_parts(node, type(node))) + ")"


def _parts(node: exp.Expression, kind: type[exp.Expression]) -> list[str]:
    """What one operator connects: MySQL flattens `a and (b and c)`."""
    inner = node.unnest()
    if type(inner) is not kind:
        return [_print(node)]
    return _parts(inner.this, kind) + _parts(inner.expression, kind)


def _negated(node: exp.Expression) -> str:
    inner = node.this
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return f"({_print(inner.this)} is not null)"
    if isinstance(inner, exp.In):
        return _in(inner, "not in")
    if isinstance(inner, exp.Between):
        return _between(inner, "not between")
    raise _UnknownNodeError


def _is(node: exp.Expression) -> str:
    if not isinstance(node.expression, exp.Null):
        raise _UnknownNodeError
    return f"({_print(node.this)} is null)"


def _in(node: exp.Expression, word: str = "in") -> str:
    members = node.expressions
    if not members:
        raise _UnknownNodeError
    return f"({_print(node.this)} {word} ({','.join(map(_print, members))}))"


def _between(node: exp.Expression, word: str = "between") -> str:
    low, high = node.args["low"], node.args["high"]
    return f"({_print(node.this)} {word} {_print(low)} and {_print(high)})"


def _minus(node: exp.Expression) -> str:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return f"-{inner.this}"
    return f"-({_print(inner)})"


def _today(_node: exp.Expression) -> str:
    return "curdate()"


def _now(node: exp.Expression) -> str:
    return f"now({node.this or ''})"


def _call(node: exp.Expression) -> str:
    name = str(node.this)
    if not name.startswith(MARK):
        raise _UnknownNodeError
    arguments = ",".join(map(_print, node.expressions))
    if name.lower().endswith(TYPED):
        return f"{name.removeprefix(MARK)[: -len(TYPED)].upper()}{arguments}"
    return f"{name.removeprefix(MARK).lower()}({arguments})"


_PRINTERS: dict[type[exp.Expression], Callable[[exp.Expression], str]] = {
    exp.Paren: _paren,
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _truth,
    exp.And: _connected,
    exp.Or: _connected,
    exp.Not: _negated,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Neg: _minus,
    exp.CurrentDate: _today,
    exp.CurrentTimestamp: _now,
    exp.Anonymous: _call,
}


def backquoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0", "'": "''"})


def string(text: str) -> str:
    """A text in single quotes, as SHOW CREATE TABLE has it."""
    return "'" + text.translate(_ESCAPES) + "'"
