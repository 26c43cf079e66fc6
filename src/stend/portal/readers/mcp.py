"""What a server of the Model Context Protocol offers: tools, resources, prompts.

There is no standard file for it. The shop writes down what `initialize`, `tools/list`,
`resources/list`, `resources/templates/list` and `prompts/list` answer, in one object.
"""

import json
from collections.abc import Iterator

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, sections_of
from stend.portal.readers.json_schemas import Json, Schemas, doc_of


def read_mcp(text: str, _others: dict[str, str], language: Language) -> Document:
    """See `Reader`.

    Raises:
        ValueError: it tells of no server.
    """
    root = json.loads(text)
    if not isinstance(root, dict) or not isinstance(root.get("serverInfo"), dict):
        raise ValueError("no member serverInfo")
    anchors = Anchors()
    reading = _Reading(root, Schemas(root, anchors, language), anchors, language)
    info = root["serverInfo"]
    return Document(
        title=str(info.get("title") or info.get("name", "")),
        format_name="MCP",
        version=str(info.get("version", "")),
        doc=str(root.get("instructions", "")),
        facts=(("name", str(info.get("name", ""))),),
        sections=sections_of(
            operations=list(reading.tools()),
            resources=list(reading.resources()),
            prompts=list(reading.prompts()),
            types=reading.schemas.types(root.get("$defs", {})),
        ),
    )


class _Reading:
    def __init__(self, root: Json, schemas: Schemas, anchors: Anchors, language: Language) -> None:
        self._root = root
        self.schemas = schemas
        self._anchors = anchors
        self._language = language

    def tools(self) -> Iterator[Item]:
        for tool in self._root.get("tools", ()):
            name = str(tool["name"])
            yield Item(
                name,
                self._anchors.of("operation", name),
                kind=" · ".join(_hints(tool)),
                doc=doc_of(tool, self._language),
                groups=tuple(self._schemas_of(tool)),
            )

    def _schemas_of(self, tool: Json) -> Iterator[Group]:
        for role, member in (("params", "inputSchema"), ("result", "outputSchema")):
            if member in tool:
                yield self.schemas.group(role, tool[member])

    def resources(self) -> Iterator[Item]:
        for one in (*self._root.get("resources", ()), *self._root.get("resourceTemplates", ())):
            name = str(one["name"])
            yield Item(
                name,
                self._anchors.of("resource", name),
                kind=str(one.get("mimeType", "")),
                address=str(one.get("uri") or one.get("uriTemplate", "")),
                doc=doc_of(one, self._language),
            )

    def prompts(self) -> Iterator[Item]:
        for one in self._root.get("prompts", ()):
            name = str(one["name"])
            arguments = tuple(self._argument(argument) for argument in one.get("arguments", ()))
            yield Item(
                name,
                self._anchors.of("prompt", name),
                doc=doc_of(one, self._language),
                groups=(Group("params", arguments),) * bool(arguments),
            )

    def _argument(self, node: Json) -> Field:
        rule = "required" if node.get("required") else "optional"
        return Field(str(node["name"]), "string", rule=rule, doc=doc_of(node, self._language))


def _hints(tool: Json) -> Iterator[str]:
    """The annotations that are set, without their ending: `readOnly`, `idempotent`."""
    for name, value in tool.get("annotations", {}).items():
        if value is True:
            yield str(name).removesuffix("Hint")
