"""HTTP/1.1 byte by byte: answers are cut where they end, and what is none is told in words."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stend.course.case import Case, FailedError
from stend.course.raw_http import Wire, shown


@contextmanager
def _says(data: bytes) -> Iterator[Wire]:
    """A connection to a server that says this and closes."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            line, _ = door.accept()
            with line:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                line.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        case = Case(Path(), random.Random(1), {})
        with Wire(case, f"http://127.0.0.1:{door.getsockname()[1]}") as wire:
            wire.send(b"GET / HTTP/1.1\r\n\r\n")
            yield wire
        thread.join()


def test_answers_are_cut_where_they_end() -> None:
    one = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A:  b \r\n\r\nabc"
    )
    two = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with _says(one + two + b"tail") as wire:
        first, second = wire.answer(), wire.answer()
        assert (first.status, first.body, first.interim) == (200, b"abc", (100,))
        assert first.fields["x-a"] == "b"
        assert (second.status, second.body) == (404, b"")
        assert wire.rest() == b"tail"


def test_the_answer_to_head_has_no_body() -> None:
    with _says(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n") as wire:
        assert wire.answer("HEAD").body == b""
        assert wire.rest() == b""


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "without an answer"),
        (b"hello\r\n\r\n", "no status line"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "no field"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "promises 5 bytes, and 3 came"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 60, "nothing but 1xx"),
    ],
)
def test_what_is_no_answer_is_told(data: bytes, told: str) -> None:
    with _says(data) as wire, pytest.raises(FailedError, match=told) as caught:
        wire.answer()
    assert "GET / HTTP/1.1␍␊" in caught.value.sentence.ru


def test_long_bytes_are_shown_in_part() -> None:
    assert shown(b"a" * 1000).endswith("(1000 bytes)")
