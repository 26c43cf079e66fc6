"""Trees as MySQL's precedence of operators makes them, where sqlglot's differs.

All comparisons are of one level in MySQL and go from left to right: `a = b > c` is `(a = b) > c`.
What stood in parentheses is an `exp.Paren` of its own, so the rest can be put right.
"""

from sqlglot import exp

from stend.engines.mysql.errors import not_supported

_COMPARISONS = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def refuse_after_between(node: exp.Expression) -> None:
    """
    Raises:
        MySqlError: `a BETWEEN b AND c LIKE d`, which MySQL reads as `… AND (c LIKE d)`.
    """
    if isinstance(node.args["this"], exp.Between):
        raise not_supported("BETWEEN without parentheses before another operator")


def with_left_comparison(node: exp.Expression) -> exp.Expression:
    """A comparison whose right side is none."""
    right = node.args["expression"]
    while isinstance(right, _COMPARISONS):
        # a = (b > c) becomes (a = b) > c; the leftmost of the right side comes first.
        path = right
        while isinstance(path.args["this"], _COMPARISONS):
            path = path.args["this"]
        inner = type(node)(this=node.args["this"], expression=path.args["this"])
        outer = right.copy()
        place = outer
        while isinstance(place.args["this"], _COMPARISONS):
            place = place.args["this"]
        place.set("this", inner)
        node = outer
        right = node.args["expression"]
    return node
