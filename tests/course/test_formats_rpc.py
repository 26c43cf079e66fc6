"""OpenRPC and AsyncAPI: what is wrong, what is judged, what breaks."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stend.course.formats import asyncapi, openrpc
from stend.course.formats.asyncapi import Mode
from stend.course.formats.contract import Rule, UnknownMessageError, UnreadableError

_SHOP = Path(__file__).resolve().parents[2] / "src/stend/shop"
_ASYNC_FILES = sorted(_SHOP.rglob("asyncapi.yaml"))
_RPC_FILES = sorted(_SHOP.rglob("openrpc.json"))
_RPC: dict[str, Any] = {
    "openrpc": "1.3.2",
    "info": {"title": "Loyalty", "version": "1.0.0"},
    "methods": [
        {
            "name": "accrue",
            "params": [
                {"name": "customer_id", "required": True, "schema": {"type": "string"}},
                {
                    "name": "amount",
                    "required": True,
                    "schema": {"$ref": "#/components/schemas/Amount"},
                },
                {"name": "note", "schema": {"type": "string", "maxLength": 9}},
            ],
            "result": {
                "name": "points",
                "schema": {
                    "type": "object",
                    "required": ["points"],
                    "properties": {"points": {"type": "integer"}},
                },
            },
            "errors": [{"code": 1, "message": "unknown customer"}],
        },
        {"name": "forget", "paramStructure": "by-name", "params": []},
    ],
    "components": {"schemas": {"Amount": {"type": "integer", "minimum": 1}}},
}
_ASYNC = """asyncapi: 3.0.0
info: {title: Events, version: 1.0.0}
channels:
  events:
    address: orders.events.{shard}
    parameters: {shard: {description: Which one.}}
    messages:
      OrderPlaced: {$ref: "#/components/messages/OrderPlaced"}
  other:
    address: other
    messages:
      Avro:
        payload: {schemaFormat: application/vnd.apache.avro;version=1.9.0, schema: {type: int}}
operations:
  publish:
    action: send
    channel: {$ref: "#/channels/events"}
    messages: [{$ref: "#/channels/events/messages/OrderPlaced"}]
components:
  messageTraits:
    Event: {headers: {type: object, required: [id], properties: {id: {type: string}}}}
  messages:
    OrderPlaced:
      traits: [{$ref: "#/components/messageTraits/Event"}]
      payload:
        type: object
        required: [order_id, version]
        properties:
          order_id: {type: string}
          version: {type: integer, minimum: 1}
      examples:
        - payload: {order_id: a, version: 1}
"""
_Edit = Callable[[dict[str, Any]], object]


def _first(tree: dict[str, Any]) -> dict[str, Any]:
    method: dict[str, Any] = tree["methods"][0]
    return method


_WRONG_RPC: dict[str, tuple[_Edit, Rule]] = {
    "no name": (lambda tree: _first(tree).pop("name"), Rule.FORM),
    "a reserved name": (lambda tree: _first(tree).update(name="rpc.x"), Rule.FORM),
    "a code that is none": (lambda tree: _first(tree)["errors"][0].update(code="1"), Rule.FORM),
    "a reference to nothing": (lambda tree: tree["components"].clear(), Rule.REFERENCE),
    "a method twice": (lambda tree: tree["methods"].append(_first(tree)), Rule.NAME),
    "a parameter twice": (
        lambda tree: _first(tree)["params"][2].update(name="amount"),
        Rule.PARAMETER,
    ),
    "required after optional": (
        lambda tree: _first(tree)["params"].reverse(),
        Rule.PARAMETER,
    ),
    "a misspelt keyword": (
        lambda tree: tree["components"]["schemas"]["Amount"].update(minimun=1),
        Rule.UNKNOWN_KEYWORD,
    ),
}
# What breaks, by the change.
_RPC_CHANGES: dict[str, tuple[_Edit, set[str]]] = {
    "nothing": (lambda tree: None, set()),
    "an optional parameter": (
        lambda tree: _first(tree)["params"].append({"name": "x", "schema": {"type": "string"}}),
        set(),
    ),
    "a required parameter": (
        lambda tree: _first(tree)["params"].insert(
            2, {"name": "x", "required": True, "schema": {"type": "string"}}
        ),
        {"accrue params"},
    ),
    "another order": (
        lambda tree: _first(tree)["params"].insert(0, _first(tree)["params"].pop(1)),
        {"accrue params"},
    ),
    "by name alone": (
        lambda tree: _first(tree).update(paramStructure="by-name"),
        {"accrue params"},
    ),
    "a method is gone": (lambda tree: tree["methods"].pop(1), {"forget"}),
    "a narrower parameter": (
        lambda tree: tree["components"]["schemas"]["Amount"].update(minimum=2),
        {"accrue params"},
    ),
    "a result that promises less": (
        lambda tree: _first(tree)["result"]["schema"].update(required=[]),
        {"accrue result"},
    ),
}


@pytest.mark.parametrize(("edit", "rule"), _WRONG_RPC.values(), ids=_WRONG_RPC)
def test_a_wrong_openrpc_is_told(edit: _Edit, rule: Rule) -> None:
    contract = openrpc.read(_edited(edit), "a.json")
    assert rule in {one.rule for one in contract.problems()}
    with pytest.raises(UnreadableError):
        contract.operations()


def test_calls_are_judged() -> None:
    contract = openrpc.read(json.dumps(_RPC), "a.json")
    assert contract.problems() == ()
    names = [one.name for one in contract.messages()]
    assert names == ["accrue params", "accrue result", "forget params"]
    for good in ({"customer_id": "a", "amount": 1}, ["a", 1], ["a", 1, "note"]):
        assert contract.judge("accrue params", good).accepted
    for bad in (
        {"customer_id": "a"},
        ["a"],
        [1, "a"],
        ["a", 1, "n", 2],
        {"customer_id": "a", "amount": 1, "x": 1},
        ["a", 0],
    ):
        assert not contract.judge("accrue params", bad).accepted
    assert contract.judge("accrue result", {"points": 5}).accepted
    assert not contract.judge("forget params", []).accepted
    with pytest.raises(UnknownMessageError):
        contract.judge("forget result", None)


@pytest.mark.parametrize(("edit", "about"), _RPC_CHANGES.values(), ids=_RPC_CHANGES)
def test_a_break_of_openrpc_is_shown_by_a_call(edit: _Edit, about: set[str]) -> None:
    old, new = openrpc.read(json.dumps(_RPC), "v1"), openrpc.read(_edited(edit), "v2")
    found = openrpc.breaking(old, new)
    assert {one.about for one in found.breaks} == about
    assert found.incomparable == ()
    for one in found.breaks:
        assert isinstance(one.witness, dict)
        assert one.witness["jsonrpc"] == "2.0"


@pytest.mark.parametrize("path", _RPC_FILES, ids=str)
def test_openrpc_of_the_shop_is_right(path: Path) -> None:
    tree = json.loads(path.read_text(encoding="utf-8"))
    # Its result is the meta-schema of OpenRPC, which is in another file.
    tree["methods"] = [one for one in tree["methods"] if one["name"] != "rpc.discover"]
    contract = openrpc.read(json.dumps(tree), path.name)
    assert contract.problems() == ()
    assert openrpc.breaking(contract, contract).is_compatible


_WRONG_ASYNC = {
    "no action": ("    action: send\n", "", Rule.FORM),
    "an action that is none": ("action: send", "action: publish", Rule.FORM),
    "a reference to nothing": (
        "#/components/messages/OrderPlaced",
        "#/components/messages/X",
        Rule.REFERENCE,
    ),
    "a message of another channel": (
        "#/channels/events/messages/OrderPlaced",
        "#/components/messages/OrderPlaced",
        Rule.REFERENCE,
    ),
    "a parameter that is not told": ("{shard}", "{part}", Rule.PARAMETER),
    "an example that does not fit": ("version: 1}", "version: 0}", Rule.EXAMPLE),
    "a misspelt keyword": ("minimum: 1", "minimun: 1", Rule.UNKNOWN_KEYWORD),
}
# What breaks backward and forward, by the change.
_ASYNC_CHANGES: dict[str, tuple[str, str, bool, bool]] = {
    "an optional member": (
        "version: {",
        "note: {type: string}\n          version: {",
        False,
        False,
    ),
    "a required member": (
        "required: [order_id, version]",
        "required: [order_id, version, note]",
        True,
        False,
    ),
    "a member that is gone": ("          version: {type: integer, minimum: 1}\n", "", False, False),
    "a member that may be missing": ("[order_id, version]", "[order_id]", False, True),
    "a narrower bound": ("minimum: 1", "minimum: 2", True, False),
    "another type": ("order_id: {type: string}", "order_id: {type: integer}", True, True),
    "a header": ("required: [id]", "required: [id, source]", True, False),
    "a message is gone": (
        "  other:\n    address: other\n",
        "  other:\n    address: another\n",
        True,
        False,
    ),
}


@pytest.mark.parametrize(("old", "new", "rule"), _WRONG_ASYNC.values(), ids=_WRONG_ASYNC)
def test_a_wrong_asyncapi_is_told(old: str, new: str, rule: Rule) -> None:
    contract = asyncapi.read(_changed(old, new), "a.yaml")
    assert rule in {one.rule for one in contract.problems()}
    with pytest.raises(UnreadableError):
        contract.messages()


def test_events_are_judged() -> None:
    contract = asyncapi.read(_ASYNC, "a.yaml")
    assert contract.problems() == ()
    (publish,) = contract.operations()
    assert (publish.action, [one.name for one in publish.messages]) == (
        "send",
        ["events OrderPlaced"],
    )
    assert contract.judge("events OrderPlaced", {"order_id": "a", "version": 1}).accepted
    assert not contract.judge("events OrderPlaced", {"order_id": "a"}).accepted
    assert contract.judge("events OrderPlaced headers", {"id": "a"}).accepted
    assert not contract.judge("events OrderPlaced headers", {}).accepted
    assert not contract.judge("other Avro", 1).accepted
    with pytest.raises(UnknownMessageError):
        contract.judge("events Nothing", {})


@pytest.mark.parametrize(
    ("old", "new", "backward", "forward"), _ASYNC_CHANGES.values(), ids=_ASYNC_CHANGES
)
def test_an_event_breaks_in_its_directions(
    old: str, new: str, *, backward: bool, forward: bool
) -> None:
    # The example is of the old version.
    text = _changed(old, new).partition("      examples:\n")[0]
    before, after = asyncapi.read(_ASYNC, "v1"), asyncapi.read(text, "v2")
    for mode, is_broken in (
        (Mode.BACKWARD, backward),
        (Mode.FORWARD, forward),
        (Mode.FULL, backward or forward),
    ):
        found = asyncapi.breaking(before, after, mode)
        assert bool(found.breaks or found.incomparable) is is_broken


@pytest.mark.parametrize("path", _ASYNC_FILES, ids=str)
def test_asyncapi_of_the_shop_is_right(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    contract = asyncapi.read(text, path.name)
    assert contract.problems() == ()
    assert asyncapi.breaking(contract, asyncapi.read(text, path.name), Mode.FULL).is_compatible


def _edited(edit: _Edit) -> str:
    tree = copy.deepcopy(_RPC)
    edit(tree)
    return json.dumps(tree)


def _changed(old: str, new: str) -> str:
    assert old in _ASYNC
    return _ASYNC.replace(old, new, 1)
