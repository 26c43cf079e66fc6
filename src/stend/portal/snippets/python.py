"""Python programs. Pure."""

from collections.abc import Mapping
from pprint import pformat

from stend.kit.json import JsonValue

_WIDTH = 88


def literal(value: JsonValue | Mapping[str, str], indent: int) -> str:
    """A Python literal whose further lines stand under its first one."""
    text = pformat(value, width=_WIDTH - indent, sort_dicts=False)
    return text.replace("\n", "\n" + " " * indent)


def json_text(value: JsonValue, indent: int) -> str:
    """An expression that makes the JSON text."""
    return f"json.dumps({literal(value, indent)}, ensure_ascii=False)"


def program(*lines: str) -> str:
    return "\n".join(lines)


def socket_call(
    url: str, headers: Mapping[str, str], text: str, subprotocol: str | None = None
) -> list[str]:
    """The beginning of a program that opens a WebSocket and sends a text.

    Args:
        text: a Python expression.
    """
    arguments = [repr(url)]
    if subprotocol:
        arguments.append(f"subprotocols=[{subprotocol!r}]")
    if headers:
        arguments.append(f"additional_headers={dict(headers)!r}")
    one_line = f"with connect({', '.join(arguments)}) as socket:"
    opened = (
        [one_line]
        if len(one_line) <= _WIDTH
        else ["with connect(", *(f"    {one}," for one in arguments), ") as socket:"]
    )
    return [
        "import json",
        "",
        "from websockets.sync.client import connect",
        "",
        *opened,
        f"    socket.send({text})",
    ]
