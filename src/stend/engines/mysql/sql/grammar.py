"""Checks that the parser's tree means what MySQL's grammar means.

sqlglot takes words that MySQL reserves for names, and groups some operators otherwise than MySQL.
Such a tree is refused.
"""

from sqlglot import exp

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.reserved import RESERVED

# sql_yacc.yy: expr, bool_pri, predicate, bit_expr, simple_expr.
_OR, _XOR, _AND, _NOT, _COMPARISON, _PREDICATE, _BIT_OR, _BIT_AND, _SHIFT, _SUM = range(10)
_PRODUCT, _BIT_XOR, _SIGN, _COLLATE = range(10, 14)

_LEVELS: dict[type[exp.Expression], int] = {
    exp.Or: _OR,
    exp.Xor: _XOR,
    exp.And: _AND,
    exp.Not: _NOT,
    exp.EQ: _COMPARISON,
    exp.NEQ: _COMPARISON,
    exp.NullSafeEQ: _COMPARISON,
    exp.LT: _COMPARISON,
    exp.LTE: _COMPARISON,
    exp.GT: _COMPARISON,
    exp.GTE: _COMPARISON,
    exp.Is: _COMPARISON,
    exp.In: _PREDICATE,
    exp.Between: _PREDICATE,
    exp.Like: _PREDICATE,
    exp.Escape: _PREDICATE,
    exp.RegexpLike: _PREDICATE,
    exp.JSONArrayContains: _PREDICATE,
    exp.BitwiseOr: _BIT_OR,
    exp.BitwiseAnd: _BIT_AND,
    exp.BitwiseLeftShift: _SHIFT,
    exp.BitwiseRightShift: _SHIFT,
    exp.Add: _SUM,
    exp.Sub: _SUM,
    exp.Mul: _PRODUCT,
    exp.Div: _PRODUCT,
    exp.Mod: _PRODUCT,
    exp.IntDiv: _PRODUCT,
    exp.BitwiseXor: _BIT_XOR,
    exp.Neg: _SIGN,
    exp.BitwiseNot: _SIGN,
    exp.Collate: _COLLATE,
}
# Of a chain longer than this a tree is made that is as flat as can be.
_LONG_CHAIN = 16
_WITH_ASSIGNMENTS = (exp.Update, exp.OnConflict)


def check(root: exp.Expression, text: str) -> None:
    """Goes through the whole tree, and makes long chains of AND and OR flat.

    Args:
        text: of the statement, for errors.

    Raises:
        MySqlError: ER_PARSE_ERROR, ER_NOT_SUPPORTED_YET.
    """
    waiting: list[exp.Expression] = [root]
    assignments: set[int] = set()
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is exp.Identifier:
            _check_name(node, text)
            continue
        if kind in _LEVELS:
            if kind is exp.And or kind is exp.Or:
                _flatten(node)
            if id(node) not in assignments:
                _check_levels(node, _LEVELS[kind])
        elif kind in _WITH_ASSIGNMENTS:
            assignments.update(id(one) for one in node.expressions)
        waiting += _children(node, text)


def _children(node: exp.Expression, text: str) -> list[exp.Expression]:
    found: list[exp.Expression] = []
    for value in node.args.values():
        if value is None:
            continue
        if isinstance(value, exp.Expression):
            found.append(value)
        elif isinstance(value, list):
            if None in value:
                # Something is missing between two commas or parentheses.
                raise syntax_error(text, len(text))
            found += [one for one in value if isinstance(one, exp.Expression)]
    return found


def _check_name(node: exp.Expression, text: str) -> None:
    name = node.args["this"]
    if node.args.get("quoted") or not isinstance(name, str) or name.upper() not in RESERVED:
        return
    parent, key = node.parent, node.arg_key
    # After a dot every word is a name.
    if isinstance(parent, (exp.Column, exp.Table)):
        qualified = {"this": ("table", "db"), "table": ("db",), "db": ("catalog",)}
        if any(parent.args.get(one) for one in qualified.get(key or "", ())):
            return
    if isinstance(parent, exp.Table) and name.upper() == "DUAL":
        return
    if isinstance(parent, exp.IndexTableHint) and name.upper() == "PRIMARY":
        return
    if isinstance(parent, exp.Column) and name.upper() == "DEFAULT" and parent.arg_key != "this":
        # `column = DEFAULT`: the statements know it.
        return
    raise syntax_error(text, node.meta.get("start", 0))


def _check_levels(node: exp.Expression, level: int) -> None:
    left, right = _operands(node)
    least_left = level + 1 if level in (_PREDICATE, _COLLATE) else level
    for operand in left:
        if _level(operand) < least_left:
            raise _unclear(operand, node)
    for operand in right:
        if _level(operand) > level or isinstance(node, (exp.And, exp.Or)):
            continue
        # The translation of comparisons takes them from the left.
        if level != _COMPARISON or isinstance(operand, exp.Is | exp.Not):
            raise _unclear(operand, node)


def _operands(node: exp.Expression) -> tuple[list[exp.Expression], list[exp.Expression]]:
    args = node.args
    if isinstance(node, (exp.Not, exp.Neg, exp.BitwiseNot)):
        return [args["this"]], []
    if isinstance(node, exp.Between):
        return [args["this"]], [args["low"], args["high"]]
    if isinstance(node, exp.Escape):
        like = args["this"]
        return [like.this if isinstance(like, exp.Like) else like], [args["expression"]]
    if isinstance(node, (exp.In, exp.Collate, exp.JSONArrayContains)):
        return [args["this"]], []
    return [args["this"]], [args["expression"]]


def _level(node: object) -> int:
    level = _LEVELS.get(type(node), _COLLATE + 1)  # type: ignore[arg-type]
    if isinstance(node, exp.Not):
        # What NOT LIKE, NOT IN, IS NOT… become.
        return max(level, _LEVELS.get(type(node.this), _OR)) if _is_predicate(node) else level
    return level


def _is_predicate(node: exp.Not) -> bool:
    return _LEVELS.get(type(node.this), _OR) in (_COMPARISON, _PREDICATE)


def _unclear(operand: exp.Expression, node: exp.Expression) -> Exception:
    return not_supported(
        f"{operand.key.upper()} beside {node.key.upper()} without parentheses between them"
    )


def _flatten(node: exp.Expression) -> None:
    kind = type(node)
    if type(node.args["this"]) is not kind:
        return
    operands: list[exp.Expression] = []
    left: exp.Expression = node
    while type(left) is kind:
        operands.append(left.args["expression"])
        left = left.args["this"]
    operands.append(left)
    if len(operands) <= _LONG_CHAIN:
        return
    operands.reverse()
    middle = len(operands) // 2
    node.set("this", _balanced(kind, operands[:middle]))
    node.set("expression", _balanced(kind, operands[middle:]))


def _balanced(kind: type[exp.Expression], operands: list[exp.Expression]) -> exp.Expression:
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    return kind(
        this=_balanced(kind, operands[:middle]), expression=_balanced(kind, operands[middle:])
    )
