"""AsyncAPI 3 (asyncapi.com): servers, channels, operations and messages."""

from collections.abc import Iterator, Mapping
from typing import Any

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, sections_of
from stend.portal.readers.json_schemas import Json, Schemas, as_json, doc_of
from stend.portal.readers.yaml_text import load_yaml


def read_asyncapi(text: str, _others: dict[str, str], language: Language) -> Document:
    """See `Reader`.

    Raises:
        ValueError: it is no AsyncAPI 3.
    """
    root = load_yaml(text)
    if not isinstance(root, dict) or not str(root.get("asyncapi", "")).startswith("3."):
        raise ValueError("not asyncapi: 3.…")
    anchors = Anchors()
    reading = _Reading(root, Schemas(root, anchors, language), anchors, language)
    info = root.get("info", {})
    facts = [("defaultContentType", str(root["defaultContentType"]))] * (
        "defaultContentType" in root
    )
    return Document(
        title=str(info.get("title", "")),
        format_name=f"AsyncAPI {root['asyncapi']}",
        version=str(info.get("version", "")),
        doc=doc_of(info, language),
        facts=tuple(facts),
        sections=sections_of(
            servers=list(reading.servers()),
            operations=list(reading.operations()),
            channels=list(reading.channels()),
            messages=list(reading.messages()),
            types=reading.schemas.types(_component(root, "schemas")),
        ),
    )


class _Reading:
    def __init__(self, root: Json, schemas: Schemas, anchors: Anchors, language: Language) -> None:
        self._root = root
        self.schemas = schemas
        self._anchors = anchors
        self._language = language

    def servers(self) -> Iterator[Item]:
        for name, node in self._root.get("servers", {}).items():
            server = self.schemas.resolve(node)
            protocol = str(server.get("protocol", ""))
            version = server.get("protocolVersion")
            yield Item(
                name,
                self._anchors.of("server", name),
                kind=f"{protocol} {version}" if version else protocol,
                address=f"{server.get('host', '')}{server.get('pathname', '')}",
                doc=doc_of(server, self._language),
            )

    def channels(self) -> Iterator[Item]:
        for name, node in self._root.get("channels", {}).items():
            channel = self.schemas.resolve(node)
            messages = tuple(
                Field(key, *self._message_link(one))
                for key, one in channel.get("messages", {}).items()
            )
            parameters = tuple(
                Field(key, "string", doc=doc_of(self.schemas.resolve(one), self._language))
                for key, one in channel.get("parameters", {}).items()
            )
            groups = [Group("parameters", parameters)] * bool(parameters)
            groups += [Group("messages", messages)] * bool(messages)
            yield Item(
                name,
                self._anchors.of("channel", name),
                # None is an address of its own kind: one that is known only at run time.
                address=str(channel.get("address") or ""),
                doc=doc_of(channel, self._language),
                groups=(*groups, *self._bindings(channel)),
            )

    def operations(self) -> Iterator[Item]:
        for name, node in self._root.get("operations", {}).items():
            operation = self.schemas.resolve(node)
            yield Item(
                name,
                self._anchors.of("operation", name),
                kind=str(operation.get("action", "")),
                doc=doc_of(operation, self._language),
                groups=(*self._exchange(operation), *self._bindings(operation)),
            )

    def _exchange(self, operation: Json) -> Iterator[Group]:
        yield self._channel_group("channel", operation.get("channel"))
        yield self._message_group("messages", operation)
        if "reply" in operation:
            reply = self.schemas.resolve(operation["reply"])
            if "channel" in reply:
                yield self._channel_group("reply_channel", reply["channel"])
            if "address" in reply:
                address = self.schemas.resolve(reply["address"])
                yield Group("reply_address", doc=str(address.get("location", "")))
            yield self._message_group("reply", reply)

    def _channel_group(self, role: str, node: Any) -> Group:
        name = _tail(node)
        address = self.schemas.resolve(node).get("address")
        return Group(
            role, type_name=name, anchor=self._anchors.of("channel", name), doc=str(address or "")
        )

    def _message_group(self, role: str, holder: Json) -> Group:
        """The messages that are named, or else all of the channel's."""
        listed = holder.get("messages")
        if listed is None and "channel" in holder:
            listed = list(self.schemas.resolve(holder["channel"]).get("messages", {}).values())
        return Group(role, tuple(Field("", *self._message_link(one)) for one in listed or ()))

    def _message_link(self, node: Any) -> tuple[str, str | None]:
        """The name under which a message stands below, through the channel that names it."""
        name = _tail(node)
        pointer = node.get("$ref", "") if isinstance(node, Mapping) else ""
        while pointer.startswith("#/channels/"):
            node = self.schemas.at(pointer)
            pointer = node.get("$ref", "")
            name = _tail(node) or name
        known = name in _component(self._root, "messages")
        return name, self._anchors.of("message", name) if known else None

    def messages(self) -> Iterator[Item]:
        for name, node in _component(self._root, "messages").items():
            message = self.schemas.resolve(node)
            yield Item(
                name,
                self._anchors.of("message", name),
                kind=str(message.get("contentType", "")),
                doc=doc_of(message, self._language) or str(message.get("title", "")),
                groups=tuple(self._parts(message)),
            )

    def _parts(self, message: Json) -> Iterator[Group]:
        if "correlationId" in message:
            correlation = self.schemas.resolve(message["correlationId"])
            yield Group("correlation", doc=str(correlation.get("location", "")))
        for role in ("headers", "payload"):
            if role in message:
                yield self.schemas.group(role, message[role])
        yield from self._bindings(message)
        for one in message.get("examples", ()):
            shown = {name: one[name] for name in ("headers", "payload") if name in one}
            told = str(one.get("summary") or one.get("name") or "")
            yield Group("example", doc=told, example=as_json(shown, 2))

    def _bindings(self, holder: Json) -> Iterator[Group]:
        if "bindings" in holder:
            bindings = self.schemas.resolve(holder["bindings"])
            yield Group("bindings", example=as_json(bindings, 2))


def _component(root: Json, kind: str) -> Json:
    found: Json = root.get("components", {}).get(kind, {})
    return found


def _tail(node: Any) -> str:
    pointer = node.get("$ref", "") if isinstance(node, Mapping) else ""
    return str(pointer).rpartition("/")[2]
