"""Protocol Buffers: messages and services of one `.proto`, as protoc reads it.

`judge` takes bytes, which have to be one message without anything unknown, or a mapping: the JSON
of that message (ProtoJSON).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.protobuf import descriptor_pb2, json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as ProtoMessage
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from stend.course.formats.contract import (
    Message,
    Operation,
    Problem,
    Role,
    UnknownMessageError,
    UnreadableError,
    Verdict,
)
from stend.course.formats.protoc import RefusedError, compiled
from stend.kit.languages import Text


@dataclass(frozen=True, slots=True)
class Rpc(Operation):
    """
    Attributes:
        request, response: full names of messages.
        client_streams, server_streams: whether there may be more than one of them.
    """

    service: str = ""
    method: str = ""
    request: str = ""
    response: str = ""
    client_streams: bool = False
    server_streams: bool = False

    @property
    def path(self) -> str:
        """How it is called on the wire."""
        return f"/{self.service}/{self.method}"


class Protobuf:
    def __init__(
        self, file: str, compiled_set: bytes | None, problems: tuple[Problem, ...]
    ) -> None:
        self._file = file
        self._problems = problems
        self._set = descriptor_pb2.FileDescriptorSet()
        self._set.ParseFromString(compiled_set or b"")

    @property
    def file(self) -> str:
        return self._file

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def operations(self) -> tuple[Rpc, ...]:
        return tuple(self._rpcs())

    def messages(self) -> tuple[Message, ...]:
        roles: dict[str, Role] = {}
        for rpc in self._rpcs():
            for name, role in ((rpc.request, Role.REQUEST), (rpc.response, Role.RESPONSE)):
                roles[name] = role if roles.get(name, role) is role else Role.EVENT
        return tuple(
            Message(name, roles.get(name, Role.EVENT), name, self.where(name))
            for name in self.descriptors
        )

    def judge(self, where: str, message: object) -> Verdict:
        if where not in self.descriptors:
            raise UnknownMessageError(where, self.descriptors)
        made = self.new(where)
        try:
            if isinstance(message, bytes):
                made.ParseFromString(message)
                if len(UnknownFieldSet(made)):
                    return _refused("there are fields that the message does not have")
            else:
                told: Any = message
                json_format.ParseDict(told, made, max_recursion_depth=50)
        except (DecodeError, json_format.ParseError, UnicodeError) as error:
            return _refused(str(error).splitlines()[0].rstrip("."))
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            return _refused(f"no JSON of such a message: {error}")
        return Verdict()

    def new(self, name: str) -> ProtoMessage:
        """An empty message."""
        return GetMessageClass(self.descriptors[name])()

    @cached_property
    def descriptors(self) -> Mapping[str, Descriptor]:
        """Of the learner's own messages, by full name; entries of maps are left out.

        Raises:
            UnreadableError: the contract has problems.
        """
        if self._problems:
            raise UnreadableError(self._problems[0])
        pool = DescriptorPool()
        for one in self._set.file:
            pool.AddSerializedFile(one.SerializeToString())
        own = pool.FindFileByName("contract.proto")
        return dict(_with_nested(own.message_types_by_name.values()))

    def where(self, name: str) -> str:
        """`file:line` of a message, a field, a service or a method, by its full name."""
        return f"{self._file}:{self._lines.get(name, 1)}"

    @cached_property
    def own(self) -> descriptor_pb2.FileDescriptorProto:
        """
        Raises:
            UnreadableError: the contract has problems.
        """
        if self._problems:
            raise UnreadableError(self._problems[0])
        return next(one for one in self._set.file if one.name == "contract.proto")

    def _rpcs(self) -> Iterator[Rpc]:
        package = f"{self.own.package}." if self.own.package else ""
        for service in self.own.service:
            full = f"{package}{service.name}"
            for method in service.method:
                name = f"{service.name}.{method.name}"
                yield Rpc(
                    name,
                    f"{full}.{method.name}",
                    self.where(f"{full}.{method.name}"),
                    service=full,
                    method=method.name,
                    request=method.input_type.lstrip("."),
                    response=method.output_type.lstrip("."),
                    client_streams=method.client_streaming,
                    server_streams=method.server_streaming,
                )

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        spans = {tuple(one.path): one.span[0] + 1 for one in self.own.source_code_info.location}
        found: dict[str, int] = {}
        for name, path in _paths(self.own):
            if path in spans:
                found[name] = spans[path]
        return found


def _refused(told: str) -> Verdict:
    return Verdict(
        Text(ru=f"Сообщение не читается: {told}.", en=f"The message is not readable: {told}.")
    )


def _with_nested(descriptors: Any) -> Iterator[tuple[str, Descriptor]]:
    for one in descriptors:
        if not one.GetOptions().map_entry:
            yield one.full_name, one
            yield from _with_nested(one.nested_types)


def _paths(file: Any) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Full names with their paths in SourceCodeInfo (descriptor.proto)."""
    package = f"{file.package}." if file.package else ""
    for index, message in enumerate(file.message_type):
        yield from _message_paths(message, package, (4, index))
    for index, service in enumerate(file.service):
        yield f"{package}{service.name}", (6, index)
        for number, method in enumerate(service.method):
            yield f"{package}{service.name}.{method.name}", (6, index, 2, number)


def _message_paths(
    message: Any, around: str, path: tuple[int, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    name = f"{around}{message.name}"
    yield name, path
    for index, field in enumerate(message.field):
        yield f"{name}.{field.name}", (*path, 2, index)
    for index, nested in enumerate(message.nested_type):
        yield from _message_paths(nested, f"{name}.", (*path, 3, index))


def is_repeated(field: FieldDescriptor) -> bool:
    return bool(field.is_repeated)


def is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and bool(kind.GetOptions().map_entry)


def read(text: str, file: str) -> Protobuf:
    """
    Raises:
        UnreadableError: out of bounds, or protoc did not finish.
    """
    try:
        return Protobuf(file, compiled(text, file), ())
    except RefusedError as error:
        return Protobuf(file, None, error.problems)
