"""The service in a process of its own, called by a stock client and held against asyncapi.yaml."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from hub import HISTORY, Topic

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))
# By the type of a message; a reference in it is looked up in the same document.
SCHEMAS = {
    name.lower(): jsonschema.Draft202012Validator(
        {**message["payload"], "components": CONTRACT["components"]}
    )
    for name, message in CONTRACT["components"]["messages"].items()
}
TIMEOUT_S = 30


@contextmanager
def started() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of the service, and its process."""
    environment = {**os.environ, "PORT": "0", "ORIGINS": "https://shop.example"}
    command = [sys.executable, str(HERE / "service.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1], process
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with started() as (url, _):
        yield url


def conforms(message: Any) -> None:
    SCHEMAS[message["type"]].validate(message)


def say(socket: ClientConnection, **message: Any) -> None:
    conforms(message)
    socket.send(json.dumps(message))


def hear(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(TIMEOUT_S))
    conforms(message)
    return message


def publish(socket: ClientConnection, topic: str, number: int) -> int:
    say(socket, type="publish", topic=topic, id=f"e-{number}", data={"number": number})
    return int(hear(socket)["seq"])


def test_an_event_reaches_every_subscriber_and_nobody_else(url: str) -> None:
    with connect(url) as first, connect(url) as second, connect(url) as other:
        for socket, topic in ((first, "o-1"), (second, "o-1"), (other, "o-2")):
            say(socket, type="subscribe", topic=topic)
            assert hear(socket)["complete"]
        with connect(url) as publisher:
            publish(publisher, "o-1", 1)
            publish(publisher, "o-2", 2)
        for socket, number in ((first, 1), (second, 1), (other, 2)):
            assert hear(socket)["data"] == {"number": number}


def test_a_repeat_is_published_once(url: str) -> None:
    with connect(url) as socket:
        assert [publish(socket, "once", 1) for _ in range(2)] == [1, 1]
        assert publish(socket, "once", 2) == 2


def test_who_comes_back_gets_what_was_missed(url: str) -> None:
    with connect(url) as publisher:
        with connect(url) as socket:
            say(socket, type="subscribe", topic="back")
            stream = hear(socket)["stream"]
            publish(publisher, "back", 1)
            seen = hear(socket)["seq"]
        publish(publisher, "back", 2)
        publish(publisher, "back", 3)
        with connect(url) as socket:
            say(socket, type="subscribe", topic="back", stream=stream, after=seen)
            assert hear(socket)["complete"]
            publish(publisher, "back", 4)
            assert [hear(socket)["seq"] for _ in range(3)] == [2, 3, 4]


def test_who_comes_back_to_another_life_of_the_service_is_told_so(url: str) -> None:
    with connect(url) as socket:
        publish(socket, "late", 1)
        say(socket, type="subscribe", topic="late", stream="of another life", after=0)
        assert not hear(socket)["complete"]


def test_who_comes_back_too_late_is_told_so() -> None:
    topic = Topic()
    for number in range(HISTORY + 1):
        topic.publish("late", f"e-{number}", {})
    assert topic.after(1)[1]
    events, complete = topic.after(0)
    assert (len(events), complete) == (HISTORY, False)


BAD = ["", "{", "[]", "{}", '{"type": "subscribe"}', '{"type": "subscribe", "topic": "No"}']
BAD += ['{"type": "subscribe", "topic": "o", "after": "1"}', '{"type": "dance", "topic": "o"}']
BAD += ['{"type": "publish", "topic": "o", "id": "", "data": {}}']


@pytest.mark.parametrize("text", BAD)
def test_a_bad_message_is_told_and_the_connection_goes_on(url: str, text: str) -> None:
    with connect(url) as socket:
        socket.send(text)
        assert hear(socket)["code"] == "bad-message"
        say(socket, type="subscribe", topic="o")
        assert hear(socket)["type"] == "subscribed"


@pytest.mark.parametrize(("frame", "code"), [(b"bytes", 1003), ("x" * 65_537, 1009)])
def test_frames_that_are_not_for_us_end_the_connection(
    url: str, frame: bytes | str, code: int
) -> None:
    with connect(url) as socket:
        socket.send(frame)
        with pytest.raises(ConnectionClosed) as caught:
            socket.recv(TIMEOUT_S)
    assert caught.value.rcvd
    assert caught.value.rcvd.code == code


def test_who_reads_too_slowly_is_let_go_and_holds_nobody_up(url: str) -> None:
    # Compressed, it would all fit into the buffers on the way.
    with connect(url, compression=None) as slow, connect(url) as publisher:
        say(slow, type="subscribe", topic="fast")
        hear(slow)
        for number in range(500):
            data = {"long": "x" * 60_000}
            say(publisher, type="publish", topic="fast", id=f"e-{number}", data=data)
            assert hear(publisher)["seq"] == number + 1
        with pytest.raises(ConnectionClosed) as caught:
            read_to_the_end(slow)
    assert caught.value.rcvd
    assert caught.value.rcvd.code == 1013


def read_to_the_end(socket: ClientConnection) -> None:
    while True:
        hear(socket)


def test_only_pages_that_are_known_may_connect(url: str) -> None:
    with connect(url, origin=Origin("https://shop.example")):
        pass
    with (
        pytest.raises(InvalidStatus, match="403"),
        connect(url, origin=Origin("https://evil.example")),
    ):
        pass


def test_a_stop_tells_every_client() -> None:
    with started() as (url, process), connect(url) as socket:
        process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as caught:
            socket.recv(TIMEOUT_S)
        assert process.wait(TIMEOUT_S) == 0
    assert caught.value.rcvd
    assert caught.value.rcvd.code == 1001
