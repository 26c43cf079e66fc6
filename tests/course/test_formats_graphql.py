"""GraphQL: schemas that are none, operations that are judged, changes that break them."""

from pathlib import Path

import pytest

from stend.course.formats import graphql
from stend.course.formats.contract import UnknownMessageError, UnreadableError
from stend.course.formats.graphql import OPERATION
from stend.course.formats.graphql_changes import breaking

_SHOP = sorted((Path(__file__).resolve().parents[2] / "src/stend/shop").rglob("schema.graphql"))
_SDL = """type Query {
  product(id: ID!, lang: Lang = RU): Product!
  search(filter: Filter!): [Item!]!
}
type Mutation { add(input: AddInput!): Product }
enum Lang { RU EN }
input Filter { text: String min: Int }
input AddInput { name: String! price: Int }
union Item = Product | Category
type Product { id: ID! name: String! price: Money! category: Category }
type Category { id: ID! title: String products(first: Int): [Product!]! }
type Money { amount: Int! currency: String! }
"""
_WRONG = {
    "an unknown type": ("category: Category }", "category: Nothing }", 10),
    "a type twice": ("type Money {", "type Product {", 10),
    "an operation": ("enum Lang { RU EN }", "enum Lang { RU EN } query Q { product }", 6),
    "a default that does not fit": ("lang: Lang = RU", "lang: Lang = 5", 2),
    "an output as an input": ("filter: Filter!", "filter: Money!", 3),
}
_OPERATIONS: dict[str, tuple[object, bool]] = {
    "a field": ("{ product(id: 1) { name } }", True),
    "an unknown field": ("{ product(id: 1) { nme } }", False),
    "no argument": ("{ product { name } }", False),
    "no selection": ("{ product(id: 1) }", False),
    "no GraphQL": ("{ product(id: 1) { name }", False),
    "deep": ("{ a " * 60 + "}" * 60, False),
    "variables": (
        {
            "query": "query($f: Filter!) { search(filter: $f) { __typename } }",
            "variables": {"f": {"min": 1}},
        },
        True,
    ),
    "wrong variables": (
        {
            "query": "query($f: Filter!) { search(filter: $f) { __typename } }",
            "variables": {"f": {"min": "one"}},
        },
        False,
    ),
}
# What is replaced by what, and what every break is about.
_CHANGES: dict[str, tuple[str, str, set[str]]] = {
    "a value": ("RU EN", "RU EN DE", set()),
    "a field": ("name: String! price: Money!", "name: String! sku: ID price: Money!", set()),
    "a promise": ("title: String", "title: String!", set()),
    "an optional argument": ("products(first: Int)", "products(first: Int, after: ID)", set()),
    "null": ("name: String! price: Money!", "name: String price: Money!", {"Product.name"}),
    "a field is gone": ("currency: String!", "", {"Money.currency"}),
    "a value is gone": ("RU EN", "RU", {"Query.product(lang:)"}),
    "an input member is gone": ("text: String min: Int", "text: String", {"Query.search(filter:)"}),
    "a required argument": (
        "products(first: Int)",
        "products(first: Int, after: ID!)",
        {"Category.products"},
    ),
    "a required input member": ("price: Int }", "price: Int sku: ID! }", {"Mutation.add"}),
    "a member of a union is gone": ("Product | Category", "Product", {"Category.id"}),
    "another scalar": ("amount: Int!", "amount: String!", {"Money.amount"}),
    "a list": ("category: Category }", "category: [Category] }", {"Product.category"}),
}


@pytest.mark.parametrize(("old", "new", "line"), _WRONG.values(), ids=_WRONG)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int) -> None:
    contract = graphql.read(_changed(old, new), "a.graphql")
    assert contract.problems()[0].where == f"a.graphql:{line}"
    with pytest.raises(UnreadableError):
        contract.operations()


@pytest.mark.parametrize(("message", "accepted"), _OPERATIONS.values(), ids=_OPERATIONS)
def test_an_operation_is_judged(message: object, *, accepted: bool) -> None:
    assert graphql.read(_SDL, "a.graphql").judge(OPERATION, message).accepted is accepted


def test_a_schema_tells_its_operations() -> None:
    contract = graphql.read(_SDL, "a.graphql")
    told = {one.name: one.where for one in contract.operations()}
    assert told == {
        "Query.product": "a.graphql:2",
        "Query.search": "a.graphql:3",
        "Mutation.add": "a.graphql:5",
    }
    with pytest.raises(UnknownMessageError):
        contract.judge("Query.product", "{ a }")


@pytest.mark.parametrize(("old", "new", "about"), _CHANGES.values(), ids=_CHANGES)
def test_a_break_is_shown_by_an_operation(old: str, new: str, about: set[str]) -> None:
    before, after = graphql.read(_SDL, "v1"), graphql.read(_changed(old, new), "v2")
    assert after.problems() == ()
    found = breaking(before, after)
    assert about <= {one.about for one in found.breaks}
    assert bool(found.breaks) is bool(about)
    assert found.incomparable == ()
    for one in found.breaks:
        assert isinstance(one.witness, dict)
        assert before.judge(OPERATION, one.witness).accepted
        assert after.judge(OPERATION, one.witness).accepted is ("response" in one.witness)


def test_what_no_operation_can_show_is_incomparable() -> None:
    text = _SDL + "type Lonely { a: Int }\n"
    found = breaking(graphql.read(text, "v1"), graphql.read(_SDL, "v2"))
    assert found.breaks == ()
    assert "Lonely" in found.incomparable[0].sentence.en


def test_with_usage_only_that_counts() -> None:
    old = graphql.read(_SDL, "v1")
    new = graphql.read(_changed("currency: String!", ""), "v2")
    assert breaking(old, new, ["{ product(id: 1) { name } }"]).is_compatible
    used = "{ product(id: 1) { price { currency } } }"
    assert [one.witness for one in breaking(old, new, [used]).breaks] == [used]
    null = graphql.read(_changed("name: String! price: Money!", "name: String price: Money!"), "v2")
    assert not breaking(old, null, ["{ product(id: 1) { name } }"]).is_compatible
    with pytest.raises(ValueError, match="not an operation"):
        breaking(old, new, ["{ nothing }"])


@pytest.mark.parametrize("path", _SHOP, ids=str)
def test_the_schemas_of_the_shop_are_right(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    contract = graphql.read(text, path.name)
    assert contract.problems() == ()
    assert breaking(contract, graphql.read(text, path.name)).is_compatible


def _changed(old: str, new: str) -> str:
    assert old in _SDL
    return _SDL.replace(old, new, 1)
