"""Contracts in AsyncAPI 3.0: whether one is valid, and whether messages are as it says.

The schema of the documents themselves, `asyncapi/3.0.0.json.gz`, is the AsyncAPI Initiative's
(npm: @asyncapi/specs 6.11.1, Apache License 2.0; LICENSE and NOTICE.txt stand beside it).
"""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema_rs import Draft7Validator

_SCHEMA = Path(__file__).parent / "asyncapi" / "3.0.0.json.gz"


@cache
def read_contract(path: Path) -> dict[str, Any]:
    contract: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return contract


def check_document(contract: dict[str, Any]) -> None:
    """The document is one of AsyncAPI 3.0 and each reference in it leads somewhere."""
    schema = json.loads(gzip.decompress(_SCHEMA.read_bytes()))
    errors = [*Draft7Validator(schema).iter_errors(contract)]
    assert not errors, [(one.instance_path, one.message[:300]) for one in errors[:3]]
    _check_references(contract, contract)
    for message in contract["components"]["messages"].values():
        for example in message.get("examples", []):
            check_payload(contract, message["name"], example["payload"])


def payload_errors(contract: dict[str, Any], message: str, payload: object) -> list[str]:
    """What of a payload is not as the message says."""
    schema = contract["components"]["messages"][message]["payload"]
    return _errors(contract, schema, payload)


def check_payload(contract: dict[str, Any], message: str, payload: object) -> None:
    assert payload_errors(contract, message, payload) == []


def check_headers(contract: dict[str, Any], message: str, headers: dict[str, object]) -> None:
    """The headers that the traits of the message ask for."""
    node = contract["components"]["messages"][message]
    for trait in node["traits"]:
        assert _errors(contract, _found(contract, trait["$ref"])["headers"], headers) == []


def _errors(contract: dict[str, Any], schema: object, value: object) -> list[str]:
    whole = {"allOf": [schema], "components": contract["components"]}
    return [one.message for one in Draft7Validator(whole, validate_formats=True).iter_errors(value)]


def _check_references(contract: dict[str, Any], node: object) -> None:
    if isinstance(node, dict):
        if "$ref" in node:
            _found(contract, node["$ref"])
        for child in node.values():
            _check_references(contract, child)
    elif isinstance(node, list):
        for child in node:
            _check_references(contract, child)


def _found(contract: dict[str, Any], reference: str) -> Any:
    node: Any = contract
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node
