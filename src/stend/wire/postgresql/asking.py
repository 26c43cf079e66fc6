"""What the messages of a client say, and what they change in the conversation."""

from collections.abc import Callable
from functools import partial

from stend.wire.decoding import Role
from stend.wire.postgresql import frontend
from stend.wire.postgresql.conversation import STARTUP, Conversation, Portal, Statement, Step
from stend.wire.postgresql.sql import copies_in, shortened, trace_context
from stend.wire.told import Told

NAMES: dict[int, str] = {
    ord("B"): "Bind",
    ord("C"): "Close",
    ord("D"): "Describe",
    ord("E"): "Execute",
    ord("F"): "FunctionCall",
    ord("H"): "Flush",
    ord("P"): "Parse",
    ord("Q"): "Query",
    ord("S"): "Sync",
    ord("X"): "Terminate",
    ord("c"): "CopyDone",
    ord("d"): "CopyData",
    ord("f"): "CopyFail",
    # Which of several it is depends on what the server asked for.
    ord("p"): "PasswordMessage",
}
_PASSWORDS = {
    "AuthenticationSASL": "SASLInitialResponse",
    "AuthenticationSASLContinue": "SASLResponse",
    "AuthenticationGSS": "GSSResponse",
    "AuthenticationGSSContinue": "GSSResponse",
    "AuthenticationSSPI": "GSSResponse",
}


def told(conversation: Conversation, name: str, payload: bytes) -> Told:
    """
    Args:
        payload: the message behind its length.
    """
    return _TELLERS[name](conversation, payload)


def strings(payload: bytes, count: int) -> list[str]:
    """The first strings of a message, as far as they are there."""
    found: list[str] = []
    at = 0
    while len(found) < count:
        end = payload.find(b"\0", at)
        found.append(payload[at : end if end >= 0 else len(payload)].decode(errors="replace"))
        at = end + 1 if end >= 0 else len(payload)
    return found


def _query(conversation: Conversation, payload: bytes) -> Told:
    (text,) = strings(payload, 1)
    line = shortened(text)
    exchange = conversation.cycle()
    conversation.ask(Step("Query", exchange, sql=line))
    return Told(
        "Query",
        Role.REQUEST,
        exchange,
        frontend.query,
        is_last=not copies_in(text),
        summary=line,
        context=trace_context(text),
        facts={"sql": line},
    )


def _parse(conversation: Conversation, payload: bytes) -> Told:
    name, text = strings(payload, 2)
    line = shortened(text)
    exchange = conversation.cycle()
    statement = Statement(name, line, _types(payload))
    conversation.statements[name] = statement
    conversation.ask(Step("Parse", exchange, statement=statement))
    return Told(
        "Parse",
        Role.REQUEST,
        exchange,
        frontend.parse,
        summary=line,
        context=trace_context(text),
        facts={"sql": line, "statement": name},
    )


def _types(payload: bytes) -> tuple[int, ...]:
    at = payload.find(b"\0", payload.find(b"\0") + 1) + 1
    count = int.from_bytes(payload[at : at + 2], "big")
    whole = range(at + 2, min(at + 2 + 4 * count, len(payload) - 3), 4)
    return tuple(int.from_bytes(payload[one : one + 4], "big") for one in whole)


def _bind(conversation: Conversation, payload: bytes) -> Told:
    portal, name = strings(payload, 2)
    statement = conversation.statements.get(name)
    bound = Portal(portal, statement, _result_formats(payload))
    conversation.portals[portal] = bound
    exchange = conversation.cycle()
    conversation.ask(Step("Bind", exchange, statement, bound))
    facts = {"statement": name, "portal": portal}
    if statement:
        facts["sql"] = statement.sql
    return Told(
        "Bind",
        Role.REQUEST,
        exchange,
        partial(frontend.bind, types=statement.types if statement else ()),
        summary=statement.sql if statement else name,
        facts=facts,
    )


def _result_formats(payload: bytes) -> tuple[int, ...]:
    """What Bind says behind the values of its parameters; nothing where it is damaged."""
    at = payload.find(b"\0", payload.find(b"\0") + 1) + 1
    at += 2 + 2 * int.from_bytes(payload[at : at + 2], "big")
    count = int.from_bytes(payload[at : at + 2], "big")
    at += 2
    for _ in range(count):
        length = int.from_bytes(payload[at : at + 4], "big", signed=True)
        at += 4 + max(length, 0)
        if at > len(payload):
            return ()
    found = int.from_bytes(payload[at : at + 2], "big")
    whole = range(at + 2, min(at + 2 + 2 * found, len(payload) - 1), 2)
    return tuple(int.from_bytes(payload[one : one + 2], "big") for one in whole)


def _named(
    conversation: Conversation, payload: bytes
) -> tuple[str, Statement | None, Portal | None]:
    """What Describe or Close is about."""
    (name,) = strings(payload[1:], 1)
    if payload[:1] == b"S":
        return name, conversation.statements.get(name), None
    portal = conversation.portals.get(name)
    return name, portal.statement if portal else None, portal


def _describe(conversation: Conversation, payload: bytes) -> Told:
    name, statement, portal = _named(conversation, payload)
    is_statement = payload[:1] == b"S"
    exchange = conversation.cycle()
    conversation.ask(Step("Describe", exchange, statement, portal))
    kind = "statement" if is_statement else "portal"
    facts = {kind: name}
    if statement:
        facts["sql"] = statement.sql
    return Told(
        "Describe",
        Role.REQUEST,
        exchange,
        frontend.describe,
        summary=f"{kind} {name}".strip(),
        facts=facts,
    )


def _close(conversation: Conversation, payload: bytes) -> Told:
    name, _, _ = _named(conversation, payload)
    kind = "statement" if payload[:1] == b"S" else "portal"
    known = conversation.statements if kind == "statement" else conversation.portals
    known.pop(name, None)
    exchange = conversation.cycle()
    conversation.ask(Step("Close", exchange))
    return Told(
        "Close",
        Role.REQUEST,
        exchange,
        frontend.describe,
        summary=f"{kind} {name}".strip(),
        facts={kind: name},
    )


def _execute(conversation: Conversation, payload: bytes) -> Told:
    (name,) = strings(payload, 1)
    portal = conversation.portals.get(name)
    statement = portal.statement if portal else None
    exchange = conversation.cycle()
    conversation.ask(Step("Execute", exchange, statement, portal))
    facts = {"portal": name}
    if statement:
        facts |= {"sql": statement.sql, "statement": statement.name}
    summary = statement.sql if statement else f"portal {name}".strip()
    return Told("Execute", Role.REQUEST, exchange, frontend.execute, summary=summary, facts=facts)


def _sync(conversation: Conversation, payload: bytes) -> Told:
    exchange = conversation.cycle()
    conversation.ask(Step("Sync", exchange))
    return Told("Sync", Role.REQUEST, exchange, is_last=True)


def _flush(conversation: Conversation, payload: bytes) -> Told:
    return Told("Flush", Role.REQUEST, conversation.flushed())


def _call(conversation: Conversation, payload: bytes) -> Told:
    exchange = conversation.cycle()
    conversation.ask(Step("FunctionCall", exchange))
    number = int.from_bytes(payload[:4], "big")
    return Told(
        "FunctionCall", Role.REQUEST, exchange, frontend.call, is_last=True, summary=f"oid {number}"
    )


def _copy(name: str) -> Callable[[Conversation, bytes], Told]:
    def teller(conversation: Conversation, payload: bytes) -> Told:
        exchange = conversation.copying()
        return Told(
            name,
            Role.REQUEST if exchange else Role.MESSAGE,
            exchange,
            frontend.BODIES[name],
            is_last=name != "CopyData" or exchange is None,
            summary=f"{len(payload)} B" if name == "CopyData" else "",
        )

    return teller


def _terminate(conversation: Conversation, payload: bytes) -> Told:
    return Told("Terminate", Role.CONTROL, None, is_last=True)


def _password(conversation: Conversation, payload: bytes) -> Told:
    name = _PASSWORDS.get(conversation.asked or "", "PasswordMessage")
    body = frontend.BODIES[name]
    summary = ""
    if name == "SASLInitialResponse":
        (summary,) = strings(payload, 1)
        conversation.is_scram = summary.startswith("SCRAM-")
    elif name == "SASLResponse":
        body = partial(frontend.sasl, is_scram=conversation.is_scram)
    return Told(name, Role.CONTROL, STARTUP, body, summary=summary)


_TELLERS: dict[str, Callable[[Conversation, bytes], Told]] = {
    "Bind": _bind,
    "Close": _close,
    "CopyData": _copy("CopyData"),
    "CopyDone": _copy("CopyDone"),
    "CopyFail": _copy("CopyFail"),
    "Describe": _describe,
    "Execute": _execute,
    "Flush": _flush,
    "FunctionCall": _call,
    "Parse": _parse,
    "PasswordMessage": _password,
    "Query": _query,
    "Sync": _sync,
    "Terminate": _terminate,
}
