"""AsyncAPI 3: channels and the messages on them.

Payloads and headers are read where they are JSON Schema; one in another `schemaFormat` (Avro,
protobuf) is left alone and cannot be judged. Traits give a message headers where it has none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from stend.course.formats.contract import (
    Break,
    Comparison,
    Incomparable,
    Message,
    Operation,
    Problem,
    Role,
    Rule,
    UnknownMessageError,
    Verdict,
    joined,
)
from stend.course.formats.metas import meta_schema
from stend.course.formats.schemas import (
    BadReferenceError,
    Schema,
    Validator,
    check_no,
    form_problems,
    in_order,
    loose_references,
    resolved,
    schema_problems,
    standalone,
)
from stend.course.formats.source import Source, at, escaped, read_source, unescaped
from stend.course.formats.variance import Subject, reads_all
from stend.course.formats.witnesses import Witnesses
from stend.kit.languages import Text

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


class Mode(StrEnum):
    """Who has to be able to read whom, as registries of schemas call it."""

    # New readers read what old writers have written.
    BACKWARD = "backward"
    # Old readers read what new writers write.
    FORWARD = "forward"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class AsyncMessage(Message):
    """
    Attributes:
        channel, key: where it stands in the document.
        address: of the channel; None where it is known at run time only.
        payload, headers: pointers to JSON Schemas; None where there is none that is read.
    """

    channel: str = ""
    key: str = ""
    address: str | None = None
    payload: str | None = None
    headers: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class AsyncOperation(Operation):
    """
    Attributes:
        action: `send` or `receive`, as the application that the document is about does it.
        channel: its name in the document.
        replies: messages of the reply.
    """

    action: str = ""
    channel: str = ""
    replies: tuple[AsyncMessage, ...] = ()


class AsyncApi:
    def __init__(self, source: Source) -> None:
        self.source = source

    @property
    def file(self) -> str:
        return self.source.file

    @property
    def tree(self) -> Any:
        return self.source.tree

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        form = in_order(self.source, form_problems(self.source, meta_schema("asyncapi-3")))
        if form:
            return form
        references = in_order(self.source, loose_references(self.source))
        return references or in_order(self.source, _beyond_form(self.source))

    def operations(self) -> tuple[AsyncOperation, ...]:
        check_no(self.problems())
        return tuple(self._operations())

    def messages(self) -> tuple[AsyncMessage, ...]:
        """By channel: `events OrderPlaced`."""
        return self._messages

    def judge(self, where: str, message: object) -> Verdict:
        """
        Args:
            where: `events OrderPlaced` for the payload, `events OrderPlaced headers` for those.
        """
        name = where.removesuffix(" headers")
        found = next((one for one in self._messages if one.name == name), None)
        if found is None:
            raise UnknownMessageError(where, (one.name for one in self._messages))
        part = "payload" if name == where else "headers"
        pointer: str | None = getattr(found, part)
        if pointer is None:
            return _unread_or_any(at(self.tree, found.pointer), part)
        return Validator(standalone(self.tree, pointer)).judge(message)

    @cached_property
    def _messages(self) -> tuple[AsyncMessage, ...]:
        check_no(self.problems())
        return tuple(messages_of(self.source))

    def _operations(self) -> Iterator[AsyncOperation]:
        for name in self.tree.get("operations") or {}:
            pointer = resolved(self.tree, f"/operations/{escaped(name)}")
            row = at(self.tree, pointer)
            channel = _step(row["channel"]["$ref"], 1)
            reply = {}
            if "reply" in row:
                reply = at(self.tree, resolved(self.tree, f"{pointer}/reply"))
            replies: tuple[AsyncMessage, ...] = ()
            if "channel" in reply:
                replies = self._chosen(_step(reply["channel"]["$ref"], 1), reply.get("messages"))
            yield AsyncOperation(
                name,
                pointer,
                self.source.where(pointer),
                self._chosen(channel, row.get("messages")),
                action=row["action"],
                channel=channel,
                replies=replies,
            )

    def _chosen(self, channel: str, told: Any) -> tuple[AsyncMessage, ...]:
        """Those that an operation names, or all of its channel."""
        keys = None if told is None else {_step(one["$ref"], 3) for one in told}
        return tuple(
            one
            for one in self._messages
            if one.channel == channel and (keys is None or one.key in keys)
        )


def _unread_or_any(row: Any, part: str) -> Verdict:
    """Of a message without a schema that is read: where there is none, anything may come."""
    if part not in row:
        return Verdict()
    return Verdict(
        Text(
            ru="Схема в таком schemaFormat здесь не читается.",
            en="A schema in this schemaFormat is not read here.",
        )
    )


def _step(reference: str, index: int) -> str:
    """One name of `#/channels/NAME/messages/NAME`."""
    steps = reference.removeprefix("#/").split("/")
    return unescaped(steps[index]) if len(steps) > index else ""


def messages_of(source: Source) -> Iterator[AsyncMessage]:
    tree = source.tree
    for channel in tree.get("channels") or {}:
        place = resolved(tree, f"/channels/{escaped(channel)}")
        row = at(tree, place)
        for key in row.get("messages") or {}:
            pointer = resolved(tree, f"{place}/messages/{escaped(key)}")
            told = at(tree, pointer)
            yield AsyncMessage(
                f"{channel} {key}",
                Role.EVENT,
                pointer,
                source.where(pointer),
                channel=channel,
                key=key,
                address=row.get("address"),
                payload=_schema(tree, f"{pointer}/payload") if "payload" in told else None,
                headers=_headers(tree, pointer),
                content_type=told.get("contentType", tree.get("defaultContentType")),
            )


def _headers(tree: Any, pointer: str) -> str | None:
    told = at(tree, pointer)
    if "headers" in told:
        return _schema(tree, f"{pointer}/headers")
    for index in range(len(told.get("traits") or ())):
        trait = resolved(tree, f"{pointer}/traits/{index}")
        if "headers" in at(tree, trait):
            return _schema(tree, f"{trait}/headers")
    return None


def _schema(tree: Any, pointer: str) -> str | None:
    row = at(tree, pointer)
    if isinstance(row, dict) and "schemaFormat" in row:
        is_json = "schema+json" in row["schemaFormat"] or "aai.asyncapi" in row["schemaFormat"]
        return f"{pointer}/schema" if is_json else None
    return pointer


def _beyond_form(source: Source) -> Iterator[Problem]:
    for channel, told in (source.tree.get("channels") or {}).items():
        yield from _wrong_parameters(source, channel, told)
    for name, row in (source.tree.get("operations") or {}).items():
        if "$ref" not in row:
            yield from _wrong_messages(source, f"/operations/{escaped(name)}", row)
            if "channel" in row.get("reply", {}):
                yield from _wrong_messages(
                    source, f"/operations/{escaped(name)}/reply", row["reply"]
                )
    for place in dict.fromkeys(_schemas(source)):
        yield from schema_problems(source, place)
    for message in messages_of(source):
        yield from _wrong_examples(source, message)


def _wrong_parameters(source: Source, channel: str, told: Any) -> Iterator[Problem]:
    needed = set(_TEMPLATE.findall(told.get("address") or ""))
    for name in sorted(needed ^ set(told.get("parameters") or {})):
        yield source.problem(
            Rule.PARAMETER,
            f"/channels/{escaped(channel)}",
            f"Параметр {name} есть только в адресе или только в parameters.",
            f"The parameter {name} is in the address or in parameters, and not in both.",
        )


def _wrong_messages(source: Source, pointer: str, row: Any) -> Iterator[Problem]:
    """An operation may only name messages of its own channel (Operation Object)."""
    channel = row["channel"]["$ref"]
    if not re.fullmatch(r"#/channels/[^/]+", channel):
        yield source.problem(
            Rule.REFERENCE,
            f"{pointer}/channel",
            f"Операция ссылается на канал: #/channels/…, а не {channel}.",
            f"An operation refers to a channel, #/channels/…, and not to {channel}.",
        )
        return
    for index, one in enumerate(row.get("messages") or ()):
        if not one["$ref"].startswith(f"{channel}/messages/"):
            yield source.problem(
                Rule.REFERENCE,
                f"{pointer}/messages/{index}",
                f"Сообщение операции берётся из её канала: {channel}/messages/….",
                f"A message of an operation is one of its channel: {channel}/messages/….",
            )


def _schemas(source: Source) -> Iterator[str]:
    components = source.tree.get("components") or {}
    for name in components.get("schemas") or {}:
        if found := _schema(source.tree, f"/components/schemas/{escaped(name)}"):
            yield found
    for message in messages_of(source):
        yield from (one for one in (message.payload, message.headers) if one is not None)


def _wrong_examples(source: Source, message: AsyncMessage) -> Iterator[Problem]:
    examples = at(source.tree, message.pointer).get("examples") or ()
    for part, schema in (("payload", message.payload), ("headers", message.headers)):
        if schema is None or not examples:
            continue
        try:
            validator = Validator(standalone(source.tree, schema))
        except (BadReferenceError, ValueError):
            # Told where it is wrong.
            continue
        for index, one in enumerate(examples):
            verdict = validator.judge(one[part]) if part in one else Verdict()
            if verdict.reason is not None:
                yield source.problem(
                    Rule.EXAMPLE,
                    f"{message.pointer}/examples/{index}/{part}",
                    f"Пример не подходит под свою же схему. {verdict.reason.ru}",
                    f"The example does not fit its own schema. {verdict.reason.en}",
                )


def read(text: str, file: str) -> AsyncApi:
    """
    Raises:
        UnreadableError: it is neither YAML nor JSON, or out of bounds.
    """
    return AsyncApi(read_source(text, file))


def breaking(old: AsyncApi, new: AsyncApi, mode: Mode) -> Comparison:
    """Messages are the same where the address of the channel and the key are.

    A message that is new on a channel is no break: readers pass over types they do not know.

    Raises:
        UnreadableError: one of them has problems.
    """
    known = {(one.address, one.key): one for one in new.messages()}
    parts = []
    for before in old.messages():
        after = known.get((before.address, before.key))
        if after is not None:
            parts += list(_compared(old, new, before, after, mode))
        elif mode is not Mode.FORWARD:
            parts.append(_gone(old, new, before))
    return joined(parts)


def _gone(old: AsyncApi, new: AsyncApi, message: AsyncMessage) -> Comparison:
    sentence = Text(
        ru=f"Сообщения {message.key} в {message.address} больше нет: записанные раньше "
        "новая версия не прочтёт.",
        en=f"The message {message.key} in {message.address} is gone: the new version cannot read "
        "those that were written.",
    )
    where = new.source.where("/channels")
    if message.payload is None:
        return Comparison(incomparable=(Incomparable(message.name, sentence, where),))
    payload = next(Witnesses(standalone(old.tree, message.payload)).some(1), None)
    witness = {"address": message.address, "message": message.key, "payload": payload}
    return Comparison((Break(message.name, sentence, witness, "", where),))


def _compared(
    old: AsyncApi, new: AsyncApi, before: AsyncMessage, after: AsyncMessage, mode: Mode
) -> Iterator[Comparison]:
    for part in ("payload", "headers"):
        one, two = getattr(before, part), getattr(after, part)
        if one is None and two is None:
            if at(old.tree, before.pointer).get(part) != at(new.tree, after.pointer).get(part):
                yield _unread(before, after)
            continue
        mine: Schema = standalone(old.tree, one) if one is not None else True
        theirs: Schema = standalone(new.tree, two) if two is not None else True
        name = before.name if part == "payload" else f"{before.name} headers"
        subject = Subject(name, after.where)
        if mode is not Mode.FORWARD:
            yield reads_all(subject, mine, theirs, is_new=True)
        if mode is not Mode.BACKWARD:
            yield reads_all(subject, theirs, mine, is_new=False)


def _unread(before: AsyncMessage, after: AsyncMessage) -> Comparison:
    sentence = Text(
        ru="Схемы в таком schemaFormat здесь не сравниваются.",
        en="Schemas in this schemaFormat are not compared here.",
    )
    return Comparison(incomparable=(Incomparable(before.name, sentence, after.where),))
