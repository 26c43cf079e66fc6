"""CASE and IF."""

from collections.abc import Sequence

from sqlglot import exp

from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.comparisons import compared_values
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.grammar import syntax_error
from stend.engines.mysql.sql.expressions.literals import value_literal
from stend.engines.mysql.sql.expressions.unifying import converted, unified
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import Typed, as_condition


def case(node: exp.Expression, context: Context) -> Typed:
    """`CASE WHEN …` and `CASE x WHEN …`."""
    subject = context.translate(node.this) if node.this is not None else None
    tests, values = [], []
    for branch in node.args["ifs"]:
        test = context.translate(branch.this)
        if subject is not None:
            test = compared_values(subject, test, "=", context)
        tests.append(as_condition(test))
        values.append(context.translate(branch.args["true"]))
    default = node.args.get("default")
    values.append(context.translate(default) if default is not None else value_literal(None))
    return chosen(tests, values, context.facts)


def chosen(tests: Sequence[str], values: Sequence[Typed], facts: Facts) -> Typed:
    """The first value whose test is true; there is one value more than tests."""
    type_ = unified(values)
    given = [converted(one, type_, facts).sql for one in values]
    branches = " ".join(
        f"WHEN {test} THEN {value}" for test, value in zip(tests, given[:-1], strict=True)
    )
    _, coercibility = combined(values)
    return Typed(
        f"(CASE {branches} ELSE {given[-1]} END)",
        type_,
        any(one.nullable for one in values),
        coercibility=coercibility,
    )


def if_function(arguments: Sequence[exp.Expression], context: Context) -> Typed:
    """`IF(a, b, c)`."""
    test, yes, no = (context.translate(one) for one in arguments)
    return chosen([as_condition(test)], [yes, no], context.facts)


def if_node(node: exp.Expression, context: Context) -> Typed:
    """`IF` where the parser made a node of it."""
    if node.args.get("false") is None:
        raise syntax_error(")")
    return if_function([node.this, node.args["true"], node.args["false"]], context)
