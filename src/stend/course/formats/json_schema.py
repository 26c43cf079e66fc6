"""JSON Schema 2020-12: a file that is one schema, whose messages are what it describes."""

from functools import cached_property

from stend.course.formats.contract import (
    Comparison,
    Message,
    Operation,
    Problem,
    Role,
    UnknownMessageError,
    Verdict,
)
from stend.course.formats.metas import json_schema
from stend.course.formats.schemas import (
    Schema,
    Validator,
    check_no,
    form_problems,
    in_order,
    schema_problems,
    standalone,
)
from stend.course.formats.source import Source, read_source
from stend.course.formats.variance import Subject, compare

# The name of the one message.
VALUE = "value"


class JsonSchema:
    def __init__(self, source: Source) -> None:
        self.source = source

    @property
    def file(self) -> str:
        return self.source.file

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        form = in_order(self.source, form_problems(self.source, json_schema()))
        return form or in_order(self.source, schema_problems(self.source, ""))

    def operations(self) -> tuple[Operation, ...]:
        return ()

    def messages(self) -> tuple[Message, ...]:
        return (Message(VALUE, Role.EVENT, "", self.source.where("")),)

    def judge(self, where: str, message: object) -> Verdict:
        if where != VALUE:
            raise UnknownMessageError(where, (VALUE,))
        return self._validator.judge(message)

    @cached_property
    def schema(self) -> Schema:
        check_no(self.problems())
        return standalone(self.source.tree, "")

    @cached_property
    def _validator(self) -> Validator:
        return Validator(self.schema)


def read(text: str, file: str) -> JsonSchema:
    """
    Raises:
        UnreadableError: it is neither YAML nor JSON, or out of bounds.
    """
    return JsonSchema(read_source(text, file))


def breaking(old: JsonSchema, new: JsonSchema, role: Role) -> Comparison:
    """
    Args:
        role: who writes what the schema describes; an event may not change in either direction.
    """
    subject = Subject(VALUE, new.source.where(""))
    return compare(subject, role, old.schema, new.schema)
