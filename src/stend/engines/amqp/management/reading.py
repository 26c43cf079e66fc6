"""What a request to the management API asks for, read out of its JSON. Pure."""

import base64
import binascii
import json
from struct import Struct

from stend.wire.amqp.content import NAMES
from stend.wire.amqp.values import Table, Value, encode_table, short_string

_U64 = Struct(">Q")
_OCTETS = ("delivery_mode", "priority")
_OCTET_MAX = 255


class BadRequestError(Exception):
    """The text is the reason that the client is told (400)."""


class Form:
    """A JSON object of which each field is asked for by its type."""

    def __init__(self, fields: dict[str, object]) -> None:
        self._fields = fields

    @classmethod
    def of_body(cls, body: bytes) -> "Form":
        """
        Raises:
            BadRequestError: the body is no JSON object.
        """
        try:
            fields = json.loads(body or b"{}")
            # Half a surrogate pair is JSON and no text.
            json.dumps(fields, ensure_ascii=False).encode()
        except ValueError:
            raise BadRequestError("not_json") from None
        except RecursionError:
            raise BadRequestError("not_json: nested too deeply") from None
        if not isinstance(fields, dict):
            raise BadRequestError("not_json: an object was expected")
        return cls(fields)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._fields.get(name, default)
        if value is None:
            raise BadRequestError(f"[{{key_missing,{name}}}]")
        if not isinstance(value, str):
            raise BadRequestError(f"{name}: {value!r} is no string")
        return value

    def switch(self, name: str, default: bool = False) -> bool:
        value = self._fields.get(name, default)
        # RabbitMQ's own tool sends booleans as text.
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise BadRequestError(f"{name}: {value!r} is neither true nor false")
        return value

    def number(self, name: str, default: int) -> int:
        value = self._fields.get(name, default)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadRequestError(f"{name}: {value!r} is no number from 0 on")
        return value

    def demand(self, *names: str) -> None:
        """
        Raises:
            BadRequestError: names those that are missing, as RabbitMQ does.
        """
        missing = [f"{{key_missing,{name}}}" for name in names if name not in self._fields]
        if missing:
            raise BadRequestError(f"[{','.join(missing)}]")

    def objects(self, name: str) -> list["Form"]:
        """A list of objects; empty where there is none."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise BadRequestError(f"{name}: a list of objects was expected")
        return [Form(one) for one in value]

    def has(self, name: str) -> bool:
        return name in self._fields

    def table(self, name: str) -> Table:
        value = self._fields.get(name, {})
        # An empty table is sent as an empty list by RabbitMQ's own tool.
        if value == []:
            return {}
        if not isinstance(value, dict):
            raise BadRequestError(f"{name}: {value!r} is no object")
        table = _value(value)
        return table if isinstance(table, dict) else {}

    def tags(self, name: str) -> tuple[str, ...]:
        """`"a,b"` as well as `["a", "b"]`."""
        value = self._fields.get(name, "")
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise BadRequestError(f"{name}: {value!r} is no list of tags")
        return tuple(part.strip() for part in parts if part.strip())


def read_payload(form: Form) -> bytes:
    payload, encoding = form.text("payload"), form.text("payload_encoding", "string")
    if encoding == "string":
        return payload.encode()
    if encoding != "base64":
        raise BadRequestError(f"unsupported payload_encoding {encoding!r}")
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error:
        raise BadRequestError("payload: no base64") from None


def read_properties(form: Form) -> dict[str, bytes]:
    """Message properties as they stand in a content header."""
    table = form.table("properties")
    return {name: _property(name, value) for name, value in table.items() if value is not None}


def _property(name: str, value: Value) -> bytes:
    if name not in NAMES:
        raise BadRequestError(f"properties: there is no property {name!r}")
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if name == "headers":
        encoded = encode_table(value) if isinstance(value, dict) else None
    elif name in _OCTETS:
        encoded = bytes((number,)) if number is not None and 0 <= number <= _OCTET_MAX else None
    elif name == "timestamp":
        encoded = _U64.pack(number) if number is not None and number >= 0 else None
    else:
        # A content header can hold no longer string.
        is_short = isinstance(value, str) and len(value.encode()) <= _OCTET_MAX
        encoded = short_string(str(value)) if is_short else None
    if encoded is None:
        raise BadRequestError(f"properties: {value!r} cannot be a {name}")
    return encoded


def _value(value: object) -> Value:
    if value is None or isinstance(value, bool | int | float | str):
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise BadRequestError(f"{value} does not fit into 64 bits")
        return value
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, dict):
        if too_long := [name for name in value if len(name.encode()) > _OCTET_MAX]:
            raise BadRequestError(f"the name {too_long[0][:40]!r}… is longer than 255 bytes")
        return {str(name): _value(one) for name, one in value.items()}
    raise BadRequestError(f"{value!r} has no field type")
