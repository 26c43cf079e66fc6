"""What an OpenRPC document promises, to measure answers by."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7, Draft7Validator, Registry

_HERE = Path(__file__).parent
_JSON_SCHEMA = "https://meta.json-schema.tools"
_DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_ROOT = "urn:contract"


@cache
def _meta_schema() -> Draft7Validator:
    own = json.loads((_HERE / "meta-schema.json").read_text("utf-8"))
    inner = json.loads((_HERE / "json-schema-meta-schema.json").read_text("utf-8"))
    # They name each other as `$schema`, which is draft-07 in all but name.
    for schema in (own, inner):
        schema["$schema"] = _DRAFT_7
    registry = Registry([(_JSON_SCHEMA, inner), (f"{_JSON_SCHEMA}/", inner)], draft=Draft7)
    return Draft7Validator(own, registry=registry)


class Contract:
    def __init__(self, text: str) -> None:
        self.document: dict[str, Any] = json.loads(text)
        self._registry = Registry([(_ROOT, self.document)], draft=Draft7)

    @property
    def methods(self) -> Mapping[str, dict[str, Any]]:
        return {method["name"]: method for method in self.document["methods"]}

    @property
    def schemas(self) -> Mapping[str, Any]:
        schemas: dict[str, Any] = self.document["components"]["schemas"]
        return schemas

    def problems(self) -> list[str]:
        """What the meta-schema finds; empty for a valid document."""
        return [
            f"{error.instance_path}: {error.message}"
            for error in _meta_schema().iter_errors(self.document)
        ]

    def dangling(self) -> list[str]:
        """References inside the document that lead nowhere, and components that nobody uses."""
        used = {pointer for pointer in _references(self.document) if pointer.startswith("#")}
        defined = {
            f"#/components/{kind}/{name}"
            for kind, components in self.document["components"].items()
            for name in components
        }
        return sorted(used ^ defined)

    def params(self, method: str) -> Mapping[str, dict[str, Any]]:
        resolved = [self.resolved(param) for param in self.methods[method]["params"]]
        return {
            param["name"]: {**param, "schema": self.resolved(param["schema"])} for param in resolved
        }

    def errors(self, method: str) -> Mapping[str, int]:
        """Numbers by stable code."""
        resolved = [self.resolved(error) for error in self.methods[method]["errors"]]
        return {error["data"]["code"]: error["code"] for error in resolved}

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self.document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return self.resolved(found)

    def complaints(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Why a value is not as a schema of the document wants it."""
        rooted = json.loads(json.dumps(schema).replace('"#/', f'"{_ROOT}#/'))
        validator = Draft7Validator(rooted, registry=self._registry)
        return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [pointer for child in node.values() for pointer in _references(child)]
    if isinstance(node, list):
        return [pointer for child in node for pointer in _references(child)]
    return []
