"""Documents that ask for too much are refused before anything of them is resolved."""

import contextlib
from typing import Any

import pytest
from graphql import get_introspection_query
from hypothesis import example, given
from hypothesis import strategies as st

from stend.chassis.graphql.answers import RequestError
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.documents import Documents
from stend.chassis.graphql.requests import GraphqlRequest
from stend.kit.errors import EdgeErrorCode, StendError
from tests.chassis.graphql_tree import tree_schema

LIMITS = GraphqlLimits(cost=1_000)
SCHEMA = tree_schema()._schema


def documents(limits: GraphqlLimits = LIMITS) -> Documents:
    return Documents(SCHEMA, limits)


def refusal(query: str, variables: dict[str, Any] | None = None, **more: Any) -> StendError:
    with pytest.raises(RequestError) as caught:
        documents(**more).prepare(GraphqlRequest(query, None, variables or {}))
    return caught.value.first


def nested(levels: int, leaf: str = "name") -> str:
    return "{ node " + "{ twins " * levels + "{ " + leaf + " }" + " }" * (levels + 1)


def test_the_query_of_every_introspection_tool_is_let_through() -> None:
    kept = documents(GraphqlLimits())
    kept.prepare(GraphqlRequest(get_introspection_query(descriptions=True)))


def test_introspection_has_a_price_so_that_it_cannot_be_repeated() -> None:
    schema = "__schema { types { name } }"
    limits = GraphqlLimits()
    many = "{ " + " ".join(f"a{number}: {schema}" for number in range(8)) + " }"
    error = refusal(many, limits=limits)
    assert error.value == "cost: 16000"


def test_lists_of_types_inside_lists_of_types_are_refused() -> None:
    inner = "fields { type { fields { type { fields { type { fields { name } } } } } } }"
    error = refusal("{ __schema { types { " + inner + " } } }", limits=GraphqlLimits())
    assert "introspection depth" in error.detail


def test_a_depth_bomb_is_refused() -> None:
    error = refusal(nested(11), limits=GraphqlLimits(list_size=1))
    assert (error.code, error.value) == (EdgeErrorCode.INVALID_ARGUMENT, "levels of fields: 13")


def test_as_deep_as_allowed_is_allowed() -> None:
    documents(GraphqlLimits(list_size=1)).prepare(GraphqlRequest(nested(10)))


@pytest.mark.parametrize("bracket", ["{a", "[", "(", "{a(b:["])
def test_brackets_are_counted_before_a_parser_could_recurse(bracket: str) -> None:
    error = refusal("{ node " + bracket * 200)
    assert error.value == "brackets inside brackets: 41"


def test_a_list_multiplies_what_is_below_it_by_its_page() -> None:
    error = refusal("{ node { nodes(first: 100) { nodes(first: 100) { name } } } }")
    assert error.value == f"cost: {1 + 1 + 100 * (1 + 100)}"


@pytest.mark.parametrize("first", [100, 2**31 - 1])
def test_a_page_of_a_variable_costs_what_the_variable_says(first: int) -> None:
    query = "query($n: Int!) { node { nodes(first: $n) { nodes(first: $n) { name } } } }"
    assert "cost" in str(refusal(query, {"n": first}).value)
    kept = documents()
    kept.prepare(GraphqlRequest(query, None, {"n": 2}))
    # The document is kept, its price is not.
    with pytest.raises(RequestError, match="asks for more"):
        kept.prepare(GraphqlRequest(query, None, {"n": first}))


def test_a_page_without_a_wish_costs_the_default_of_the_variable_or_of_the_schema() -> None:
    query = "query($n: Int = 50) { node { nodes(first: $n) { nodes(first: $n) { name } } } }"
    assert refusal(query).value == f"cost: {2 + 50 * 51}"
    documents().prepare(GraphqlRequest("{ node { nodes { nodes { nodes { name } } } } }"))


def test_a_list_without_a_page_costs_its_assumed_size() -> None:
    error = refusal("{ node { twins { twins { twins { name } } } } }")
    assert error.value == f"cost: {2 + 10 * (1 + 10 * (1 + 10))}"


@pytest.mark.parametrize("first", [-1, 0])
def test_a_senseless_page_is_not_cheaper_than_one_item(first: int) -> None:
    three = "twins { twins { twins { name } } }"
    error = refusal(f"{{ node {{ nodes(first: {first}) {{ {three} }} }} }}")
    assert "cost" in str(error.value)


def test_an_alias_flood_is_refused() -> None:
    flood = " ".join(f"a{number}: name" for number in range(31))
    assert refusal("{ node { " + flood + " } }").value == "aliases: 31"


def test_many_operations_at_the_root_are_refused() -> None:
    flood = " ".join(f"a{number}: node {{ name }}" for number in range(11))
    assert refusal("{ " + flood + " }").value == "fields at the root: 11"


def test_a_fragment_hides_neither_root_fields_nor_cost() -> None:
    flood = " ".join(f"a{number}: node {{ name }}" for number in range(6))
    other = " ".join(f"b{number}: node {{ name }}" for number in range(6))
    query = f"{{ ...A ... on Query {{ {other} }} }} fragment A on Query {{ {flood} }}"
    assert refusal(query).value == "fields at the root: 12"


def test_a_fragment_that_spreads_another_twice_again_and_again_is_refused_at_once() -> None:
    parts = [f"fragment F{n} on Node {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30)]
    query = " ".join(["{ node { ...F0 } }", *parts, "fragment F30 on Node { name }"])
    assert refusal(query).value == f"cost: {1 + 2**30}"


@pytest.mark.parametrize(
    "fragments",
    [
        "fragment A on Node { ...A }",
        "fragment A on Node { twins { ...A } }",
        "fragment A on Node { ...B } fragment B on Node { twins { ...A } }",
    ],
)
def test_fragments_in_a_circle_are_refused(fragments: str) -> None:
    error = refusal("{ node { ...A } } " + fragments)
    assert "spreads itself" in error.detail
    assert str(error.value).startswith("A → ")


def test_a_long_chain_of_fragments_is_refused_and_does_not_recurse() -> None:
    chain = " ".join(f"fragment F{n} on Node {{ ...F{n + 1} }}" for n in range(200))
    query = "{ node { ...F0 } } " + chain + " fragment F200 on Node { name }"
    assert "selections inside selections" in str(refusal(query).value)


def test_fragments_that_nobody_spreads_are_refused_even_in_a_circle() -> None:
    circle = "fragment A on Node { ...B } fragment B on Node { ...A }"
    assert "itself" in refusal("{ node { name } } " + circle).detail


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("{ node { name } }" + " " * 16_384, "16401 characters or more"),
        ("{ node { " + "name " * 1_999 + "} }", "2001 tokens or more"),
        ("{ node { name " + "@skip(if: false) " * 400 + "} }", "2001 tokens or more"),
    ],
)
def test_a_huge_document_is_refused(query: str, value: str) -> None:
    error = refusal(query)
    assert (error.code, error.value) == (EdgeErrorCode.MESSAGE_TOO_LARGE, value)


@pytest.mark.parametrize("query", ["", "{", "{ node { name }", "query {", "{ a(b: \x00) }", "#"])
def test_what_is_not_of_the_language_is_malformed(query: str) -> None:
    assert refusal(query).code is EdgeErrorCode.MALFORMED_MESSAGE


def test_what_is_not_of_the_schema_is_told_field_by_field() -> None:
    with pytest.raises(RequestError) as caught:
        documents().prepare(GraphqlRequest("{ node { nam colour } tree }"))
    assert len(caught.value.errors) == 3
    assert caught.value.first.code is EdgeErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize("name", [None, "C"])
def test_which_operation_has_to_be_clear(name: str | None) -> None:
    query = "query A { node { name } } query B { node { name } }"
    with pytest.raises(RequestError) as caught:
        documents().prepare(GraphqlRequest(query, name))
    assert caught.value.first.code is EdgeErrorCode.NO_SUCH_OPERATION
    documents().prepare(GraphqlRequest(query, "A"))


# ---- whatever comes ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("{ ", "} ", "( ", ") ", "[ ", "] ", ": ", "! ", "= ", "@ ", "... ", "$n ", "| ", "& "),
        *("query ", "mutation ", "subscription ", "fragment ", "on ", "extend ", "type "),
        *("node ", "nodes ", "twins ", "name ", "first ", "A ", "Query ", "Node ", "Int ", "a: "),
        *("1 ", "-1 ", "1e9 ", "null ", "true ", '"x" ', '"""y""" ', '"', "# z\n", "__schema "),
        "\ufeff",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
@example("{ node { nodes(first: $n) { name } } }")
@example("query($n: Int = 99999999999999999999) { node { nodes(first: $n) { name } } }")
def test_only_the_declared_error_escapes(query: str) -> None:
    with contextlib.suppress(RequestError):
        documents().prepare(GraphqlRequest(query, None, {"n": [1]}))


# ---- what is kept ------------------------------------------------------------------------------


def test_a_document_is_read_once() -> None:
    kept = documents()
    request = GraphqlRequest("{ node { name } }")
    assert kept.prepare(request) is kept.prepare(request)


def test_the_documents_that_are_kept_are_bounded_by_their_text() -> None:
    kept = documents(GraphqlLimits(cached_chars=200))
    first = GraphqlRequest("{ node { name } }")
    prepared = kept.prepare(first)
    for number in range(100):
        kept.prepare(GraphqlRequest(f"{{ node {{ a{number}: name }} }}"))
        assert sum(len(text) for text, _ in kept._kept) <= 200
    assert kept.prepare(first) is not prepared


def test_a_document_that_was_refused_is_not_kept() -> None:
    kept = documents()
    for _ in range(2):
        with pytest.raises(RequestError):
            kept.prepare(GraphqlRequest("{ tree }"))
    assert not kept._kept
