"""OpenAPI: what is wrong with a document, what it takes, and what its next version breaks."""

from pathlib import Path

import pytest
import yaml
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from stend.course.formats import openapi
from stend.course.formats.contract import Rule, UnknownMessageError, UnreadableError
from stend.course.formats.openapi_changes import breaking

_ROOT = Path(__file__).resolve().parents[2]
_FILE = _ROOT / "course/08-rest/exercises/02-orders-service/starter/openapi.yaml"
_TEXT = _FILE.read_text(encoding="utf-8")
_SHOP = sorted((_ROOT / "src/stend/shop").rglob("openapi.yaml"))

# What is replaced by what, the rule, and the line that is told.
_WRONG: dict[str, tuple[str, str, Rule, int]] = {
    "another version": ("openapi: 3.1.0", "openapi: 3.0.3", Rule.FORM, 1),
    "no title": ("{title: Orders, version: 1.0.0}", "{version: 1.0.0}", Rule.FORM, 2),
    "an unknown word": (
        "      operationId: placeOrder",
        "      operatonId: placeOrder",
        Rule.FORM,
        6,
    ),
    "a status that is none": ('"201":', '"20":', Rule.FORM, 15),
    "no description": ("          description: The order was placed.\n", "", Rule.FORM, 15),
    "a place that is none": ("in: header, required", "in: headers, required", Rule.FORM, 8),
    "required as a flag": ("required: [sku, quantity]", "required: true", Rule.FORM, 90),
    "a type that is none": ("sku: {type: string,", "sku: {type: text,", Rule.FORM, 93),
    "a pattern that is none": (
        "sku: {type: string,",
        'sku: {type: string, pattern: "(",',
        Rule.FORM,
        93,
    ),
    "an optional path": (
        "in: path, required: true",
        "in: path, required: false",
        Rule.FORM,
        46,
    ),
    "a reference to nothing": (
        '#/components/schemas/NewOrder"',
        '#/components/schemas/New"',
        Rule.REFERENCE,
        13,
    ),
    "a reference to another kind": (
        '"415": {$ref: "#/components/responses/Problem"}',
        '"415": {$ref: "#/components/schemas/Line"}',
        Rule.REFERENCE,
        24,
    ),
    "a reference outside": (
        '#/components/schemas/NewOrder"',
        'http://127.0.0.1:9/a.yaml#/New"',
        Rule.REFERENCE,
        13,
    ),
    "a misspelt keyword": ("minLength: 1, maxLength: 100", "minLenght: 1", Rule.UNKNOWN_KEYWORD, 8),
    "a keyword of 3.0": (
        "cursor, in: query, schema: {type: string}",
        "cursor, in: query, schema: {type: string, nullable: true}",
        Rule.UNKNOWN_KEYWORD,
        31,
    ),
    "two of a name": ("operationId: listOrders", "operationId: placeOrder", Rule.NAME, 6),
    "a member that cannot be there": (
        "required: [customer_id, lines]",
        "required: [customer_id, lines, total]",
        Rule.NAME,
        97,
    ),
    "a parameter that the address has not": ("{order_id}:", "{id}:", Rule.PARAMETER, 47),
    "a parameter twice": (
        "name: limit, in: query",
        "name: cursor, in: query",
        Rule.PARAMETER,
        31,
    ),
    "an example that does not fit": ("default: 20", "default: 200", Rule.EXAMPLE, 30),
}


@pytest.mark.parametrize(("old", "new", "rule", "line"), _WRONG.values(), ids=_WRONG)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, rule: Rule, line: int) -> None:
    contract = openapi.read(_changed((old, new)), "openapi.yaml")
    problems = contract.problems()
    assert (problems[0].rule, problems[0].where) == (rule, f"openapi.yaml:{line}")
    assert problems[0].sentence.ru != problems[0].sentence.en
    with pytest.raises(UnreadableError):
        contract.operations()


# The published meta-schema leaves schemas to their own dialect.
_OF_SCHEMAS = {"a pattern that is none", "a type that is none", "required as a flag"}
_OF_PLACES = {name for name, one in _WRONG.items() if one[2] is Rule.FORM} - _OF_SCHEMAS


@pytest.mark.parametrize("name", sorted(_OF_PLACES))
def test_the_published_meta_schema_refuses_the_same(name: str) -> None:
    old, new, _, _ = _WRONG[name]
    assert not OPENAPI_31_VALIDATOR.is_valid(yaml.safe_load(_changed((old, new))))


@pytest.mark.parametrize("path", [_FILE, *_SHOP], ids=str)
def test_the_contracts_of_the_shop_are_right(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    contract = openapi.read(text, path.name)
    assert contract.problems() == ()
    assert contract.operations()
    assert breaking(contract, openapi.read(text, path.name)).is_compatible


def test_operations_tell_what_they_promise() -> None:
    contract = openapi.read(_TEXT, "openapi.yaml")
    placing = contract.operation("post", "/orders")
    assert placing is not None
    assert placing.operation_id == "placeOrder"
    key = placing.parameter("header", "idempotency-key")
    assert key is not None
    assert key.required
    created = placing.response("201")
    assert created is not None
    assert created.header("etag") is not None
    assert [one.status for one in placing.errors] == ["400", "415", "422"]
    assert contract.operation("GET", "/orders/{any_name}") is contract.by_id("getOrder")
    assert {one.name for one in contract.properties()} >= {"sku", "next_cursor", "detail"}


def test_a_message_is_judged_by_its_name() -> None:
    contract = openapi.read(_TEXT, "openapi.yaml")
    name = "POST /orders request application/json"
    assert name in {one.name for one in contract.messages()}
    good = {"customer_id": "c", "lines": [{"sku": "s", "quantity": 1}]}
    assert contract.judge(name, good).accepted
    verdict = contract.judge(name, {**good, "lines": [{"sku": "s", "quantity": 0}]})
    assert verdict.pointer == "/lines/0/quantity"
    assert verdict.reason is not None
    with pytest.raises(UnknownMessageError):
        contract.judge("POST /nowhere request application/json", good)


_COMMENT = '                comment: {type: [string, "null"], maxLength: 200}\n'
# What is replaced by what, and what breaks: the operation or message, and where in the witness.
_BREAKS: dict[str, tuple[tuple[tuple[str, str], ...], set[tuple[str, str]]]] = {
    "nothing": ((), set()),
    "a name of a parameter in the address": (
        (("{order_id}:", "{id}:"), ("name: order_id, in: path", "name: id, in: path")),
        set(),
    ),
    "an optional parameter": (
        (
            (
                "        - {name: cursor,",
                "        - {name: x, in: query, schema: {type: string}}\n        - {name: cursor,",
            ),
        ),
        set(),
    ),
    "a new error": (
        (
            (
                '        "422":',
                '        "429": {$ref: "#/components/responses/Problem"}\n        "422":',
            ),
        ),
        set(),
    ),
    "a parameter that is gone": (
        (("        - {name: cursor, in: query, schema: {type: string}}\n", ""),),
        set(),
    ),
    "a required parameter": (
        (("name: cursor, in: query", "name: cursor, in: query, required: true"),),
        {("GET /orders request", "/query")},
    ),
    "a narrower parameter": (
        (("maximum: 100, default: 20", "maximum: 50, default: 20"),),
        {("GET /orders request", "/query/limit")},
    ),
    "a required body": (
        (
            ("required: [comment]", "required: [comment, reason]"),
            (
                f"{_COMMENT}      responses",
                f"{_COMMENT}                reason: {{type: string}}\n      responses",
            ),
        ),
        {("PATCH /orders/{order_id} request", "/body")},
    ),
    "an operation that is gone": (
        (("/orders/{order_id}:", "/order/{order_id}:"),),
        {("GET /orders/{order_id}", ""), ("PATCH /orders/{order_id}", "")},
    ),
    "another media type of a body": (
        (
            (
                'application/json:\n            schema: {$ref: "#/components/schemas/NewOrder"}',
                'application/xml:\n            schema: {$ref: "#/components/schemas/NewOrder"}',
            ),
        ),
        {("POST /orders request", "")},
    ),
    "another success": ((('"201":', '"202":'),), {("POST /orders 202", "")}),
    "a header that is no longer promised": (
        (("            ETag: {required: true, schema: {type: string}}\n", ""),),
        {("POST /orders 201", "/header")},
    ),
    "another media type of a response": (
        (
            (
                "first.\n          content:\n            application/json:",
                "first.\n          content:\n            application/hal+json:",
            ),
        ),
        {("GET /orders 200", "")},
    ),
    "rights": (
        (
            (
                "      operationId: getOrder",
                "      operationId: getOrder\n      security: [{token: []}]",
            ),
            (
                "components:\n",
                "components:\n  securitySchemes: {token: {type: http, scheme: bearer}}\n",
            ),
        ),
        {("GET /orders/{order_id}", "/credentials")},
    ),
}


@pytest.mark.parametrize(("edits", "wanted"), _BREAKS.values(), ids=_BREAKS)
def test_a_break_is_shown_by_a_message(
    edits: tuple[tuple[str, str], ...], wanted: set[tuple[str, str]]
) -> None:
    old, new = openapi.read(_TEXT, "v1.yaml"), openapi.read(_changed(*edits), "v2.yaml")
    assert new.problems() == ()
    found = breaking(old, new)
    assert {(one.about, one.pointer) for one in found.breaks} == wanted
    assert found.incomparable == ()
    for one in found.breaks:
        assert isinstance(one.witness, dict)
        assert one.where.startswith("v2.yaml:")


def _changed(*edits: tuple[str, str]) -> str:
    text = _TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text
