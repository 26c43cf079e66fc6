"""Operations that are sent to the learner's service, as texts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stend.course.case import Case

_TYPE = "...Named ofType { ...Named ofType { ...Named ofType { ...Named } } }"
INTROSPECTION = f"""
{{ __schema {{ types {{
  kind name
  fields(includeDeprecated: true) {{
    name args {{ name defaultValue type {{ {_TYPE} }} }} type {{ {_TYPE} }} }}
  inputFields {{ name defaultValue type {{ {_TYPE} }} }}
  enumValues(includeDeprecated: true) {{ name }}
}} }} }}
fragment Named on __Type {{ kind name }}
"""
CHANGE = "mutation($i: ChangePriceInput!) { changePrice(input: $i) { product { sku } } }"
# Of products and of nodes on a page.
_FIRST = 19
_DEFAULT_FIRST = 20


class Shape(NamedTuple):
    """
    Attributes:
        what: how the text says it, for whoever reads of it.
    """

    what: str
    query: str
    variables: Mapping[str, Any]


def changing(names: Sequence[str]) -> str:
    """A mutation with one field for each of these variables."""
    head = ", ".join(f"${name}: ChangePriceInput!" for name in names)
    payload = "product { sku price { amountMinor version } }"
    fields = " ".join(f"{name}: changePrice(input: ${name}) {{ {payload} }}" for name in names)
    return f"mutation({head}) {{ {fields} }}"


def types_of(data: Any) -> dict[str, list[str]]:
    """The members of each type in an answer to INTROSPECTION, in the notation of SDL."""
    return {
        one["name"]: sorted(_members(one))
        for one in (data.get("__schema") or {}).get("types", ())
        if not one["name"].startswith("__") and one["kind"] != "SCALAR"
    }


def _members(kind: Any) -> Iterator[str]:
    for field in kind["fields"] or ():
        arguments = ", ".join(sorted(map(_input, field["args"])))
        yield f"{field['name']}{arguments and f'({arguments})'}: {_named(field['type'])}"
    yield from map(_input, kind["inputFields"] or ())
    for value in kind["enumValues"] or ():
        yield value["name"]


def _input(told: Any) -> str:
    # Some libraries write `= null` where others leave it out; it means the same.
    default = told["defaultValue"] if told["defaultValue"] != "null" else None
    return f"{told['name']}: {_named(told['type'])}{f' = {default}' if default else ''}"


def _named(kind: Any) -> str:
    match kind["kind"]:
        case "NON_NULL":
            return f"{_named(kind['ofType'])}!"
        case "LIST":
            return f"[{_named(kind['ofType'])}]"
    return str(kind["name"])


def random_operation(case: Case, skus: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """With variables, aliases, fragments, directives; shelves at two lengths at once."""
    whole, part = _product(case, "whole", 2), _product(case, "part", 1)
    page = f"pageInfo {{ hasNextPage }} edges {{ node {{ ...Part @skip(if: $no) {part} }} }}"
    query = (
        "query Screen($sku: ID!, $other: ID!, $first: Int!, $no: Boolean!) {"
        f" a: product(sku: $sku) {{ {whole} }} b: product(sku: $other) {{ ...Part }}"
        f" products(first: $first) {{ {page} }} }}"
        f" fragment Part on Product {{ {_product(case, 'shared', 1)} }}"
    )
    other = case.dice.choice([*skus, case.word()])
    flags = {"first": case.dice.randint(1, 4), "no": case.dice.random() < 0.5}
    return query, {"sku": case.dice.choice(skus), "other": other, **flags}


def _product(case: Case, name: str, levels: int) -> str:
    """
    Args:
        name: begins the aliases: fields of equal names are merged, and must not differ.
    """
    fields = ["sku", "title", "en: title(language: EN)", "price { amountMinor currency version }"]
    fields.append("... on Product { __typename }")
    case.dice.shuffle(fields)
    chosen = fields[: case.dice.randint(2, 4)]
    if levels:
        few, more = (f"{name}{levels}{n}: products(first: {n})" for n in (1, 3))
        below = _product(case, name, levels - 1)
        chosen.append(f"category {{ title {few} {{ sku }} {more} {{ {below} }} }}")
    return " ".join(chosen)


def deep(depth: int, sku: str) -> Iterator[tuple[str, str]]:
    """Queries of this depth: what each is like, and its text."""
    start = f"product(sku: {json.dumps(sku)})"
    yield "one chain", f"{{ {start} {{ {_chain(depth - 1)} }} }}"
    lower, upper = _chain(depth - 5), "category { products(first: 1) { category { ...Lower } } }"
    lower = f"products(first: 1) {{ ... on Product {{ {lower} }} }}"
    fragments = f"fragment Upper on Product {{ {upper} }} fragment Lower on Category {{ {lower} }}"
    yield "fragments", f"{{ {start} {{ ...Upper }} }} {fragments}"
    before = "sku title price { version } category { title }"
    yield "the last of many branches", f"{{ {start} {{ {before} {_chain(depth - 1)} }} }}"


def _chain(depth: int) -> str:
    """A selection on a product, with so many levels."""
    text = ""
    for level in range(depth, 0, -1):
        # Odd levels are on a product, even ones on a category.
        name = ("category" if level % 2 else "products(first: 1)") if level < depth else ""
        leaf = "sku" if level % 2 else "title"
        text = f"{name} {{ {text} }}" if name else leaf
    return text


def costly(cost: int, sku: str) -> list[Shape]:
    """The same cost, said in different ways."""
    leaves, left = _leaves(cost, _FIRST)
    more = f"more: product(sku: {json.dumps(sku)}) {{ {' '.join(left)} }}"
    nodes = f"edges {{ node {{ {' '.join(leaves)} }} }}"
    some = f"edges {{ node {{ ...Some }} }} }} {more} }} fragment Some on Product"
    few, rest = _leaves(cost, _DEFAULT_FIRST)
    other = f"more: product(sku: {json.dumps(sku)}) {{ {' '.join(rest)} }}"
    return [
        Shape("first in the text", f"{{ products(first: {_FIRST}) {{ {nodes} }} {more} }}", {}),
        Shape(
            "first in a variable",
            f"query($n: Int!) {{ products(first: $n) {{ {nodes} }} {more} }}",
            {"n": _FIRST},
        ),
        Shape(
            "first in the default of a variable",
            f"query($n: Int! = {_FIRST}) {{ products(first: $n) {{ {nodes} }} {more} }}",
            {},
        ),
        Shape(
            "first in the default of the argument",
            f"{{ products {{ edges {{ node {{ {' '.join(few)} }} }} }} {other} }}",
            {},
        ),
        Shape(
            "fields in a fragment",
            f"{{ products(first: {_FIRST}) {{ {some} {{ {' '.join(leaves)} }}",
            {},
        ),
    ]


def _leaves(cost: int, first: int) -> tuple[list[str], list[str]]:
    """Fields of each node on a page of so many, and of one more product, for this cost in all."""
    each = (cost - 3) // first - 2
    left = cost - (1 + first * (2 + each)) - 1
    return _titles(each), _titles(left)


def _titles(number: int) -> list[str]:
    return [f"t{n}: title" for n in range(number)]


def bomb(fragments: int) -> str:
    """Each fragment is twice in the next."""
    twice = (f"fragment F{n} on Product {{ ...F{n - 1} ...F{n - 1} }}" for n in range(1, fragments))
    start = f'{{ product(sku: "x") {{ ...F{fragments - 1} }} }} fragment F0 on Product {{ sku }}'
    return " ".join((start, *twice))
