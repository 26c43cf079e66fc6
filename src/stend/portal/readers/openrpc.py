"""OpenRPC (spec.open-rpc.org): methods with their parameters, results, errors and examples."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, sections_of
from stend.portal.readers.json_schemas import Json, Schemas, as_json, doc_of


def read_openrpc(text: str, _others: dict[str, str], language: Language) -> Document:
    """See `Reader`.

    Raises:
        ValueError: it is no OpenRPC.
    """
    root = json.loads(text)
    if not isinstance(root, dict) or "openrpc" not in root:
        raise ValueError("no member openrpc")
    anchors = Anchors()
    reading = _Reading(root, Schemas(root, anchors, language), anchors, language)
    info = root.get("info", {})
    return Document(
        title=str(info.get("title", "")),
        format_name=f"OpenRPC {root['openrpc']}",
        version=str(info.get("version", "")),
        doc=doc_of(info, language),
        sections=sections_of(
            servers=list(reading.servers()),
            operations=list(reading.methods()),
            types=reading.schemas.types(root.get("components", {}).get("schemas", {})),
        ),
    )


class _Reading:
    def __init__(self, root: Json, schemas: Schemas, anchors: Anchors, language: Language) -> None:
        self._root = root
        self.schemas = schemas
        self._anchors = anchors
        self._language = language

    def servers(self) -> Iterator[Item]:
        for server in self._root.get("servers", ()):
            name = str(server.get("name", server.get("url", "")))
            yield Item(
                name,
                self._anchors.of("server", name),
                address=str(server.get("url", "")),
                doc=doc_of(server, self._language),
            )

    def methods(self) -> Iterator[Item]:
        for one in self._root.get("methods", ()):
            method = self.schemas.resolve(one)
            name = str(method["name"])
            yield Item(
                name,
                self._anchors.of("operation", name),
                kind="method" if "result" in method else "notification",
                doc=doc_of(method, self._language),
                groups=tuple(self._groups(name, method)),
            )

    def _groups(self, name: str, method: Json) -> Iterator[Group]:
        params = tuple(self._param(one) for one in method.get("params", ()))
        yield Group("params", params, doc=str(method.get("paramStructure", "")))
        if "result" in method:
            result = self.schemas.resolve(method["result"])
            yield self.schemas.group("result", result.get("schema", True))
        if errors := tuple(self._error(one) for one in method.get("errors", ())):
            yield Group("errors", errors)
        for one in method.get("examples", ()):
            yield from self._example(name, method, self.schemas.resolve(one))

    def _param(self, node: Any) -> Field:
        param = self.schemas.resolve(node)
        return self.schemas.field(
            str(param["name"]),
            param.get("schema", True),
            bool(param.get("required")),
            doc_of(param, self._language),
        )

    def _error(self, node: Any) -> Field:
        error = self.schemas.resolve(node)
        data = as_json(error["data"]) if "data" in error else ""
        return Field(str(error.get("code", "")), rule=data, doc=str(error.get("message", "")))

    def _example(self, name: str, method: Json, example: Json) -> Iterator[Group]:
        values = [self.schemas.resolve(one) for one in example.get("params", ())]
        params: object = {str(one.get("name")): one.get("value") for one in values}
        if method.get("paramStructure") == "by-position":
            params = [one.get("value") for one in values]
        told = str(example.get("name", ""))
        call: dict[str, object] = {"jsonrpc": "2.0", "method": name, "params": params}
        # A notification has no id, and no answer either (JSON-RPC 2.0, section 4.1).
        if "result" in example:
            call["id"] = 1
        yield Group("example_request", doc=told, example=as_json(call, 2))
        if isinstance(example.get("result"), Mapping):
            result = self.schemas.resolve(example["result"])
            answer = {"jsonrpc": "2.0", "result": result.get("value"), "id": 1}
            yield Group("example_response", example=as_json(answer, 2))
