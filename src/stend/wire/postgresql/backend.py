"""What stands where in the messages of the server (§54.7, those marked B)."""

from functools import partial

from stend.wire.postgresql.frontend import copy_data
from stend.wire.postgresql.meanings import COLUMN, ERROR_FIELDS, UNKNOWN_ERROR_FIELD
from stend.wire.postgresql.values import Column, format_name, format_of, oid_name, value
from stend.wire.reading import Reader
from stend.wire.told import Body, nothing

AUTHENTICATIONS: dict[int, str] = {
    0: "AuthenticationOk",
    2: "AuthenticationKerberosV5",
    3: "AuthenticationCleartextPassword",
    5: "AuthenticationMD5Password",
    7: "AuthenticationGSS",
    8: "AuthenticationGSSContinue",
    9: "AuthenticationSSPI",
    10: "AuthenticationSASL",
    11: "AuthenticationSASLContinue",
    12: "AuthenticationSASLFinal",
}
STATUSES = {"I": "I idle", "T": "T in a transaction", "E": "E failed transaction"}


def authentication(reader: Reader) -> None:
    kind = AUTHENTICATIONS.get(reader.integer("authentication", "Int32", 4), "")
    if kind == "AuthenticationMD5Password":
        reader.leaf("salt", "Byte4", 4, reader.peek(4, "salt"))
    elif kind == "AuthenticationSASL":
        while reader.rest and reader.peek(1, "mechanism") != b"\0":
            reader.until_zero("mechanism", "String")
        reader.leaf("terminator", "Byte1", 1, 0)
    elif reader.rest:
        reader.text("data", "Byten", reader.rest)


def negotiate(reader: Reader) -> None:
    reader.integer("newest_minor_version", "Int32", 4, shown=version)
    for _ in range(reader.integer("option_count", "Int32", 4)):
        reader.until_zero("option", "String")


def version(number: int) -> str:
    return f"{number >> 16}.{number & 0xFFFF}"


def parameter_status(reader: Reader) -> None:
    reader.until_zero("setting_name", "String")
    reader.until_zero("setting_value", "String")


def key_data(reader: Reader) -> None:
    reader.integer("process_id", "Int32", 4)
    reader.leaf("secret_key", "Byten", reader.rest, reader.peek(reader.rest, "secret_key"))


def ready(reader: Reader) -> None:
    letter = reader.peek(1, "transaction_status").decode("latin-1")
    reader.leaf("transaction_status", "Byte1", 1, STATUSES.get(letter, letter))


def row_description(reader: Reader) -> None:
    for place in range(reader.integer("column_count", "Int16", 2)):
        end = reader.data.find(b"\0", reader.at, reader.end)
        name = reader.data[reader.at : max(end, reader.at)].decode(errors="replace")
        with reader.group(name or f"[{place}]", COLUMN):
            _described(reader)


def _described(reader: Reader) -> None:
    reader.until_zero("column_name", "String")
    reader.integer("table_oid", "Int32", 4)
    reader.integer("attribute_number", "Int16", 2)
    reader.integer("type_oid", "Int32", 4, shown=oid_name)
    reader.integer("type_size", "Int16", 2, signed=True)
    reader.integer("type_modifier", "Int32", 4, signed=True)
    reader.integer("format", "Int16", 2, shown=format_name)


def columns_of(payload: bytes) -> tuple[Column, ...]:
    """The columns of a RowDescription; those before the damage where it is damaged.

    Args:
        payload: the message behind its length.
    """
    found: list[Column] = []
    at = 2
    for _ in range(int.from_bytes(payload[:2], "big")):
        end = payload.find(b"\0", at)
        if end < 0 or end + 19 > len(payload):
            break
        oid = int.from_bytes(payload[end + 7 : end + 11], "big")
        form = int.from_bytes(payload[end + 17 : end + 19], "big")
        found.append(Column(payload[at:end].decode(errors="replace"), oid, form))
        at = end + 19
    return tuple(found)


def data_row(
    reader: Reader,
    columns: tuple[Column, ...] | None = None,
    formats: tuple[int, ...] | None = None,
) -> None:
    """
    Args:
        columns: of the last RowDescription for what runs; None where there was none.
        formats: those that Bind asked for; None after a simple query, where the columns say it.
    """
    known = columns or ()
    for place in range(reader.integer("column_count", "Int16", 2)):
        column = known[place] if place < len(known) else None
        # Without both, what came before was not heard, and the bytes may be anything.
        form = column.format if column else None
        if formats is not None:
            form = format_of(formats, place)
        with reader.group((column and column.name) or f"[{place}]", COLUMN):
            value(reader, column.oid if column else None, form)


def command_complete(reader: Reader) -> None:
    reader.until_zero("command_tag", "String")


def parameter_description(reader: Reader) -> None:
    for _ in range(reader.integer("parameter_count", "Int16", 2)):
        reader.integer("parameter_type", "Int32", 4, shown=oid_name)


def parameter_types(payload: bytes) -> tuple[int, ...]:
    """The types of a ParameterDescription."""
    count = int.from_bytes(payload[:2], "big")
    whole = range(2, min(2 + 4 * count, len(payload) - 3), 4)
    return tuple(int.from_bytes(payload[at : at + 4], "big") for at in whole)


def error(reader: Reader) -> None:
    while reader.rest and reader.peek(1, "field_type") != b"\0":
        letter = reader.peek(1, "field_type").decode("latin-1")
        name, why = ERROR_FIELDS.get(letter, (letter, UNKNOWN_ERROR_FIELD))
        with reader.group(name, why):
            reader.leaf("field_type", "Byte1", 1, letter)
            reader.show(reader.until_zero("field_value", "String"))
    reader.leaf("terminator", "Byte1", 1, 0)


def error_fields(payload: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse or NoticeResponse by their letters."""
    parts = payload.split(b"\0")
    return {part[:1].decode("latin-1"): part[1:].decode(errors="replace") for part in parts if part}


def notification(reader: Reader) -> None:
    reader.integer("process_id", "Int32", 4)
    reader.until_zero("channel", "String")
    reader.until_zero("payload", "String")


def copy_response(reader: Reader) -> None:
    reader.integer("copy_format", "Int8", 1, shown=format_name)
    for _ in range(reader.integer("column_count", "Int16", 2)):
        reader.integer("column_format", "Int16", 2, shown=format_name)


BODIES: dict[str, Body] = {
    **dict.fromkeys((*AUTHENTICATIONS.values(), "Authentication"), authentication),
    "NegotiateProtocolVersion": negotiate,
    "ParameterStatus": parameter_status,
    "BackendKeyData": key_data,
    "ReadyForQuery": ready,
    "RowDescription": row_description,
    "DataRow": data_row,
    "CommandComplete": command_complete,
    "EmptyQueryResponse": nothing,
    "NoData": nothing,
    "ParameterDescription": parameter_description,
    "ParseComplete": nothing,
    "BindComplete": nothing,
    "CloseComplete": nothing,
    "PortalSuspended": nothing,
    "ErrorResponse": error,
    "NoticeResponse": error,
    "NotificationResponse": notification,
    "CopyInResponse": copy_response,
    "CopyOutResponse": copy_response,
    "CopyBothResponse": copy_response,
    "CopyData": copy_data,
    "CopyDone": nothing,
    "FunctionCallResponse": partial(value, oid=None, form=None),
}
