"""A call that is being composed: operation, protocol and the texts of its fields. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from stend.portal.callers import ANONYMOUS
from stend.shop.orders.api.forms import FieldKind, FormField, grpc_form, rest_form
from stend.shop.orders.usecases import Operation

OPERATION = "operation"
PROTOCOL = "protocol"
# Who calls, and what he calls with when he is no caller of the demo: that is no part of an address.
WHO = "as"
OWN_CREDENTIAL = "credential"
# Over which other protocols the same call is made, and whether with the same idempotency key.
WITH = "with"
SAME_KEY = "same_key"
KEY_FIELD = "idempotency_key"
# Rows of a list carry their number in the path; a new row is made from this one.
ROW_NUMBER = "__row__"

Pairs = Iterable[tuple[str, str]]
Form = Callable[[Operation], tuple[FormField, ...]]

# Which contract makes the form of a protocol. All but gRPC carry the members of the reference, so
# its contract lends them its examples and words.
_REFERENCE: tuple[str, Form] = ("openapi.yaml", rest_form)
_FORMS: Mapping[str, tuple[str, Form]] = {"grpc": ("orders.proto", grpc_form)}


def form_of(protocol: str) -> tuple[str, Form]:
    """The contract's name, and the fields of an operation in it."""
    return _FORMS.get(protocol, _REFERENCE)


@dataclass(frozen=True, slots=True)
class Input:
    """A field with the text that stands in it."""

    field: FormField
    text: str

    @property
    def name(self) -> str:
        """The last part of the path: the group above it shows the rest."""
        return self.field.path.rpartition(".")[2]

    @property
    def is_wide(self) -> bool:
        return self.field.kind in {FieldKind.MOMENT, FieldKind.CHOICE} or "." not in self.field.path


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one name. `rows` is filled for a list, `inputs` for anything else."""

    name: str
    inputs: tuple[Input, ...] = ()
    rows: tuple[tuple[Input, ...], ...] = ()
    blank_row: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    operation: Operation
    protocol: str
    inputs: tuple[Input, ...]
    who: str = ANONYMOUS

    @property
    def fields(self) -> Mapping[str, str]:
        return {each.field.path: each.text for each in self.inputs}

    @property
    def contract(self) -> str:
        return form_of(self.protocol)[0]

    @property
    def streams(self) -> bool:
        return self.operation is Operation.TRACK_ORDER

    @property
    def url(self) -> str:
        """The address of this very state. An emptied required field is part of it."""
        kept = {
            each.field.path: each.text for each in self.inputs if each.text or each.field.required
        }
        return self.address(self.operation, self.protocol, kept)

    def address(self, operation: Operation, protocol: str, fields: Mapping[str, str]) -> str:
        """The address of another call of the same caller."""
        return address(operation, protocol, fields, self.who)

    def over(self, protocol: str) -> str:
        """The address of the same call over another protocol."""
        return replace(self, protocol=protocol).url

    def page_after(self, cursor: str) -> str:
        """The address of the page that begins at `cursor`."""
        kept = {each.field.path: each.text for each in self.inputs if each.text}
        return self.address(self.operation, self.protocol, {**kept, "cursor": cursor})

    def groups(self) -> tuple[Group, ...]:
        """Fields as a form shows them: in the order of the contract, lists as rows."""
        names = dict.fromkeys(_group_of(each.field.path) for each in self.inputs)
        return tuple(self._group(name) for name in names)

    def _group(self, name: str) -> Group:
        members = tuple(each for each in self.inputs if _group_of(each.field.path) == name)
        rows: dict[int, list[Input]] = {}
        for each in members:
            number = _row_of(each.field.path)
            if number is not None:
                rows.setdefault(number, []).append(each)
        if not rows:
            return Group(name, inputs=members)
        ordered = tuple(tuple(rows[number]) for number in sorted(rows))
        return Group(name, rows=ordered, blank_row=tuple(_blank(each) for each in ordered[0]))


def address(
    operation: Operation, protocol: str, fields: Mapping[str, str], who: str = ANONYMOUS
) -> str:
    caller = {} if who == ANONYMOUS else {WHO: who}
    return "/playground?" + urlencode(
        {OPERATION: operation, PROTOCOL: protocol, **caller, **fields}
    )


def compose(
    operation: Operation, protocol: str, given: Pairs, fresh_key: str, who: str = ANONYMOUS
) -> Draft:
    """The form of an operation, filled.

    What was given stands as it is. Else a required field shows its example, the idempotency key
    is fresh, and an optional field is empty.
    """
    texts = dict(given)
    fields = tuple(_fields(operation, protocol, texts))
    return Draft(
        operation,
        protocol,
        tuple(Input(field, _text_of(field, texts, fresh_key)) for field in fields),
        who,
    )


def _text_of(field: FormField, texts: Mapping[str, str], fresh_key: str) -> str:
    if field.path in texts:
        return texts[field.path]
    if field.path == KEY_FIELD:
        return fresh_key
    in_given_rows = _row_of(field.path) is not None and _has_rows(field.path, texts)
    return field.example if field.required and not in_given_rows else ""


def _fields(operation: Operation, protocol: str, texts: Mapping[str, str]) -> Iterator[FormField]:
    # proto3 knows no required fields, yet the operation needs them whatever carries it.
    required = {field.path for field in rest_form(operation) if field.required}
    rows_done: set[str] = set()
    for field in form_of(protocol)[1](operation):
        known = replace(field, required=field.required or field.path in required)
        group = _group_of(known.path)
        if _row_of(known.path) is None or not _has_rows(known.path, texts):
            yield known
        elif group not in rows_done:
            rows_done.add(group)
            yield from _given_rows(form_of(protocol)[1](operation), group, texts)


def _given_rows(
    form: Sequence[FormField], group: str, texts: Mapping[str, str]
) -> Iterator[FormField]:
    numbers = {_row_of(path) for path in texts if _group_of(path) == group}
    first = [field for field in form if field.path.startswith(f"{group}.0.")]
    for number in sorted(number for number in numbers if number is not None):
        for field in first:
            yield replace(field, path=_in_row(field.path, str(number)), required=True)


def _has_rows(path: str, texts: Mapping[str, str]) -> bool:
    prefix = _group_of(path) + "."
    return any(name.startswith(prefix) and _row_of(name) is not None for name in texts)


def _blank(given: Input) -> Input:
    return Input(replace(given.field, path=_in_row(given.field.path, ROW_NUMBER), example=""), "")


def _in_row(path: str, number: str) -> str:
    group, _, name = path.split(".", 2)
    return f"{group}.{number}.{name}"


def _group_of(path: str) -> str:
    return path.partition(".")[0] if "." in path else ""


def _row_of(path: str) -> int | None:
    parts = path.split(".")
    # Not int() alone: it also takes "٣", and a number of a thousand digits.
    is_row = len(parts) > 2 and parts[1].isascii() and parts[1].isdecimal()
    return int(parts[1]) if is_row and len(parts[1]) < 5 else None
