"""HTTP/1.1 with a learner's service byte by byte, where a client would be too well-behaved."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, Self

from stend.course.case import Case

_MOST_SHOWN = 400
_MOST_INTERIM = 50
_MOST_BYTES = 8 * 1024 * 1024
_FINAL = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, as it was on the wire.

    Attributes:
        interim: the statuses of the 1xx before it.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes
    raw: bytes
    interim: tuple[int, ...] = ()

    @property
    def told(self) -> str:
        """As a person reads it."""
        return shown(self.raw)


class Wire:
    """A connection to a learner's service; closed by `with`.

    Args:
        url: as `case.service()` gives it.
        within_s: how long the next byte may be awaited.

    Attributes:
        sent: everything that was sent on it.
    """

    def __init__(self, case: Case, url: str, within_s: float = 3.0) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._case = case
        self._line = socket.create_connection((host, int(port)), within_s)
        self._came = bytearray()
        self._within_s = within_s
        self.sent = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._line.close()

    def send(self, data: bytes) -> None:
        self.sent += data
        try:
            self._line.sendall(data)
        except OSError:
            # The server may have answered and closed before it has read everything.
            return

    def end(self) -> None:
        """Nothing more will be sent."""
        self._line.shutdown(socket.SHUT_WR)

    def answer(self, method: str = "GET") -> Answer:
        """The next response.

        Raises:
            FailedError: none comes, or it is none.
        """
        interim: list[int] = []
        while True:
            head = self.head()
            status, fields = self._head(head)
            if status >= _FINAL:
                size = self._size(status, fields, method)
                body = self._exactly(size) if size is not None else self.rest()
                return Answer(status, fields, body, head + body, tuple(interim))
            interim.append(status)
            if len(interim) > _MOST_INTERIM:
                self._fail("Сервер шлёт одни 1xx.", "The server sends nothing but 1xx.")

    def head(self) -> bytes:
        """The next head alone, whatever its status, up to and with the empty line."""
        return self._until(b"\r\n\r\n")

    def rest(self) -> bytes:
        """All that comes until the server closes."""
        while self._more():
            pass
        came = bytes(self._came)
        self._came.clear()
        return came

    def _head(self, head: bytes) -> tuple[int, Mapping[str, str]]:
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.[01] (\d{3})( .*)?", first)
        if found is None:
            self._fail(
                "Первая строка ответа — не строка состояния HTTP/1.1.",
                "The first line of the answer is no status line of HTTP/1.1.",
                shown(head),
            )
        fields: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                told = shown(head)
                self._fail(f"Строка {line!r} — не поле.", f"The line {line!r} is no field.", told)
            fields[name.lower()] = value.strip()
        return int(found[1]), fields

    def _size(self, status: int, fields: Mapping[str, str], method: str) -> int | None:
        if method == "HEAD" or status in {204, 304}:
            return 0
        length = fields.get("content-length")
        return int(length) if length is not None and length.isdecimal() else None

    def _until(self, mark: bytes) -> bytes:
        while (at := self._came.find(mark)) < 0:
            if not self._more():
                self._fail(
                    "Сервер закрыл соединение, не ответив.",
                    "The server closed the connection without an answer.",
                    shown(bytes(self._came)),
                )
        return self._taken(at + len(mark))

    def _exactly(self, size: int) -> bytes:
        while len(self._came) < size:
            if not self._more():
                self._fail(
                    f"Content-Length обещает {size} байт, а пришло {len(self._came)}.",
                    f"Content-Length promises {size} bytes, and {len(self._came)} came.",
                    shown(bytes(self._came)),
                )
        return self._taken(size)

    def _taken(self, size: int) -> bytes:
        data = bytes(self._came[:size])
        del self._came[:size]
        return data

    def _more(self) -> bool:
        try:
            data = self._line.recv(65536)
        except TimeoutError:
            self._fail(
                f"За {self._within_s:g} с сервер не прислал ничего и не закрыл соединение.",
                f"Within {self._within_s:g} s the server sent nothing and did not close.",
                shown(bytes(self._came)),
            )
        except OSError:
            return False
        self._came += data
        if len(self._came) > _MOST_BYTES:
            self._fail("Сервер шлёт без конца.", "The server goes on sending without an end.")
        return bool(data)

    def _fail(self, ru: str, en: str, got: str | None = None) -> NoReturn:
        sent = shown(self.sent)
        self._case.fail(f"{ru} Послано:\n{sent}", f"{en} Sent:\n{sent}", got=got)


def shown(data: bytes) -> str:
    """Bytes as text, with the ends of lines that are there."""
    text = data.decode("latin-1").replace("\r\n", "␍␊\n")
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… ({len(data)} bytes)"
