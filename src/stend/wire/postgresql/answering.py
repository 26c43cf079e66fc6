"""What the messages of the server say, and what they change in the conversation."""

from collections.abc import Callable
from functools import partial

from stend.wire.decoding import Role
from stend.wire.postgresql import backend
from stend.wire.postgresql.asking import strings
from stend.wire.postgresql.conversation import STARTUP, Conversation, Step
from stend.wire.postgresql.sql import shortened
from stend.wire.told import Told

NAMES: dict[int, str] = {
    ord("1"): "ParseComplete",
    ord("2"): "BindComplete",
    ord("3"): "CloseComplete",
    ord("A"): "NotificationResponse",
    ord("C"): "CommandComplete",
    ord("D"): "DataRow",
    ord("E"): "ErrorResponse",
    ord("G"): "CopyInResponse",
    ord("H"): "CopyOutResponse",
    ord("I"): "EmptyQueryResponse",
    ord("K"): "BackendKeyData",
    ord("N"): "NoticeResponse",
    # Which of several it is stands in its number.
    ord("R"): "Authentication",
    ord("S"): "ParameterStatus",
    ord("T"): "RowDescription",
    ord("V"): "FunctionCallResponse",
    ord("W"): "CopyBothResponse",
    ord("Z"): "ReadyForQuery",
    ord("c"): "CopyDone",
    ord("d"): "CopyData",
    ord("n"): "NoData",
    ord("s"): "PortalSuspended",
    ord("t"): "ParameterDescription",
    ord("v"): "NegotiateProtocolVersion",
}
_RUNNING = ("Execute", "Query")
# What each is the answer to.
_ANSWERED = {
    "ParseComplete": "Parse",
    "BindComplete": "Bind",
    "CloseComplete": "Close",
    "NoData": "Describe",
    "PortalSuspended": "Execute",
}


def told(conversation: Conversation, name: str, payload: bytes) -> Told:
    """
    Args:
        payload: the message behind its length.
    """
    if name in _ANSWERED:
        return _done(conversation, name)
    teller = _TELLERS.get(name)
    if teller:
        return teller(conversation, payload)
    step = conversation.answering(*_RUNNING, "FunctionCall")
    return _response(step, name)


def _response(step: Step | None, name: str, summary: str = "") -> Told:
    exchange = step.exchange if step else None
    return Told(name, Role.RESPONSE, exchange, backend.BODIES[name], summary=summary)


def _done(conversation: Conversation, name: str) -> Told:
    kind = _ANSWERED[name]
    step = conversation.answering(kind)
    if step and step.kind == kind:
        conversation.answered()
    return _response(step, name)


def _authentication(conversation: Conversation, payload: bytes) -> Told:
    kind = backend.AUTHENTICATIONS.get(int.from_bytes(payload[:4], "big"), "Authentication")
    conversation.asked = kind
    summary = ""
    if kind == "AuthenticationSASL":
        offered = payload[4:].rstrip(b"\0").split(b"\0")
        summary = shortened(", ".join(one.decode(errors="replace") for one in offered))
    return Told(kind, Role.CONTROL, STARTUP, backend.authentication, summary=summary)


def _negotiate(conversation: Conversation, payload: bytes) -> Told:
    offered = backend.version(int.from_bytes(payload[:4], "big"))
    name = "NegotiateProtocolVersion"
    return Told(name, Role.CONTROL, STARTUP, backend.negotiate, summary=offered)


def _status(conversation: Conversation, payload: bytes) -> Told:
    name, value = strings(payload, 2)
    exchange = None if conversation.is_ready else STARTUP
    return Told(
        "ParameterStatus",
        Role.CONTROL,
        exchange,
        backend.parameter_status,
        summary=shortened(f"{name}={value}"),
    )


def _key(conversation: Conversation, payload: bytes) -> Told:
    number = int.from_bytes(payload[:4], "big")
    return Told("BackendKeyData", Role.CONTROL, STARTUP, backend.key_data, summary=f"pid {number}")


def _ready(conversation: Conversation, payload: bytes) -> Told:
    status = payload[:1].decode("latin-1")
    step = None
    if conversation.is_ready:
        step = conversation.answering("Query", "Sync", "FunctionCall")
        if step and step.ends_cycle:
            conversation.answered()
    exchange = step.exchange if step else None if conversation.is_ready else STARTUP
    role = Role.RESPONSE if conversation.is_ready else Role.CONTROL
    conversation.is_ready = True
    return Told(
        "ReadyForQuery",
        role,
        exchange,
        backend.ready,
        is_last=True,
        summary=backend.STATUSES.get(status, status),
        facts={"transaction_status": status},
    )


def _row_description(conversation: Conversation, payload: bytes) -> Told:
    columns = backend.columns_of(payload)
    step = conversation.answering("Describe", *_RUNNING)
    if step is not None:
        if step.portal:
            step.portal.columns = columns
        elif step.statement:
            step.statement.columns = columns
        else:
            step.columns = columns
        if step.kind == "Describe":
            conversation.answered()
    names = ", ".join(column.name for column in columns)
    return _response(step, "RowDescription", shortened(names))


def _data_row(conversation: Conversation, payload: bytes) -> Told:
    step = conversation.answering(*_RUNNING)
    columns = step.columns if step else None
    formats = None
    if step and step.portal:
        portal = step.portal
        formats = portal.formats
        columns = portal.columns or (portal.statement.columns if portal.statement else None)
    count = int.from_bytes(payload[:2], "big")
    return _response(step, "DataRow", f"[{count}] {len(payload)} B")._replace(
        body=partial(backend.data_row, columns=columns, formats=formats)
    )


def _command_complete(conversation: Conversation, payload: bytes) -> Told:
    (tag,) = strings(payload, 1)
    step = conversation.answering(*_RUNNING)
    facts = {"rows": tag}
    if step:
        facts["sql"] = step.statement.sql if step.statement else step.sql
        if step.kind == "Execute":
            conversation.answered()
        else:
            # The next statement of the same text has columns of its own.
            step.columns = None
    return _response(step, "CommandComplete", shortened(tag))._replace(facts=facts)


def _empty(conversation: Conversation, payload: bytes) -> Told:
    step = conversation.answering(*_RUNNING)
    if step and step.kind == "Execute":
        conversation.answered()
    return _response(step, "EmptyQueryResponse")


def _parameter_description(conversation: Conversation, payload: bytes) -> Told:
    step = conversation.answering("Describe")
    types = backend.parameter_types(payload)
    if step and step.statement:
        step.statement.types = types
    return _response(step, "ParameterDescription", f"[{len(types)}]")


def _error(conversation: Conversation, payload: bytes) -> Told:
    fields = backend.error_fields(payload)
    code, message = fields.get("C", ""), fields.get("M", "")
    step = conversation.steps[0] if conversation.steps else None
    conversation.fail()
    shown = f"{code} {message}".strip()
    exchange = step.exchange if step else None if conversation.is_ready else STARTUP
    return Told(
        "ErrorResponse",
        Role.RESPONSE if conversation.is_ready else Role.CONTROL,
        exchange,
        backend.error,
        # Nothing follows where a session could not begin, or was ended between two cycles.
        is_last=step is None,
        summary=shortened(shown),
        error=shown or "ErrorResponse",
        facts={"sqlstate": code} | _about(fields),
    )


def _about(fields: dict[str, str]) -> dict[str, str]:
    names = {"s": "schema", "t": "table", "c": "column", "n": "constraint"}
    return {name: fields[letter] for letter, name in names.items() if letter in fields}


def _notice(conversation: Conversation, payload: bytes) -> Told:
    fields = backend.error_fields(payload)
    code, message = fields.get("C", ""), fields.get("M", "")
    step = conversation.steps[0] if conversation.steps else None
    exchange = step.exchange if step else None if conversation.is_ready else STARTUP
    return Told(
        "NoticeResponse",
        Role.RESPONSE if step else Role.MESSAGE,
        exchange,
        backend.error,
        is_last=exchange is None,
        summary=shortened(f"{code} {message}".strip()),
        facts={"sqlstate": code},
    )


def _notification(conversation: Conversation, payload: bytes) -> Told:
    channel, text = strings(payload[4:], 2)
    return Told(
        "NotificationResponse",
        Role.MESSAGE,
        None,
        backend.notification,
        is_last=True,
        summary=shortened(f"{channel} ← {text}"),
        facts={"channel": channel},
    )


def _copy_data(conversation: Conversation, payload: bytes) -> Told:
    return _response(conversation.answering(*_RUNNING), "CopyData", f"{len(payload)} B")


_TELLERS: dict[str, Callable[[Conversation, bytes], Told]] = {
    "Authentication": _authentication,
    "BackendKeyData": _key,
    "CommandComplete": _command_complete,
    "CopyData": _copy_data,
    "DataRow": _data_row,
    "EmptyQueryResponse": _empty,
    "ErrorResponse": _error,
    "NegotiateProtocolVersion": _negotiate,
    "NoticeResponse": _notice,
    "NotificationResponse": _notification,
    "ParameterDescription": _parameter_description,
    "ParameterStatus": _status,
    "ReadyForQuery": _ready,
    "RowDescription": _row_description,
}
