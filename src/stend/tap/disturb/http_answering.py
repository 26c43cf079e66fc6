"""Faults that answer a request of HTTP/1.1 in the service's place."""

from abc import abstractmethod
from http import HTTPStatus

from stend.tap.disturb.messages import UP, AnsweringFault
from stend.wire.decoding import Direction, Undecodable, Unit
from stend.wire.http1.framing import request_framing
from stend.wire.http1.heads import Head, read_head
from stend.wire.http1.telling import content_of

DETAIL = "A fault of the stand has answered in the place of the service."
_HEAD_ENDS = b"\r\n\r\n"
_KNOWN = {one.value: one.phrase for one in HTTPStatus}


class HttpFault(AnsweringFault):
    """Strikes whole requests. One that waits for 100 (Continue) before its body is let through."""

    def lets_go(self, direction: Direction) -> bool:
        held = self._held[direction]
        return direction is UP and b"\nexpect:" in held[: held.find(_HEAD_ENDS) + 1].lower()

    def answer(self, unit: Unit, data: bytes) -> bytes | None:
        # A body that goes on in other units cannot be taken back.
        if unit.protocol != "http1" or not unit.is_last:
            return None
        head = read_head(data, is_request=True)
        if "expect" in head.headers or head.method == "CONNECT":
            return None
        return self.response(unit, head, data)

    @abstractmethod
    def response(self, unit: Unit, head: Head, data: bytes) -> bytes | None:
        """What the client gets; None where the request is not struck.

        Args:
            data: the whole request.
        """


def content_of_request(head: Head, data: bytes) -> bytes:
    """The body without codings; empty where it cannot be had."""
    try:
        return content_of(head, request_framing(head).body, data)
    except Undecodable:
        return b""


def response_of(
    status: int, media_type: str, body: bytes, *, extra: tuple[str, ...] = (), is_head: bool = False
) -> bytes:
    """A response with its body, which HEAD is not given.

    Args:
        extra: further header lines.
    """
    lines = (
        f"HTTP/1.1 {status} {phrase_of(status)}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        *extra,
    )
    head = "\r\n".join([*lines, "", ""]).encode()
    return head if is_head else head + body


def phrase_of(status: int) -> str:
    return _KNOWN.get(status, "Fault")
