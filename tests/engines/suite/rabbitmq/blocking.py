"""pika's blocking client, and the shortest ways to say what a check expects of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import pika
import pytest
from pika.exceptions import (
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
)

from tests.waiting import until

# pika has no types.
Channel: TypeAlias = Any
Connection: TypeAlias = Any
# So short that a check may wait for silence, so long that an answer on this machine is not late.
_SILENCE_S = 0.2


@dataclass(frozen=True, slots=True)
class Got:
    """A message as pika hands it over; `tag` is the consumer's, empty for Basic.Get."""

    tag: str
    body: bytes
    method: Any
    properties: Any


class Inbox:
    """What the consumers of one connection have received and nobody has looked at yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._got: list[Got] = []

    def consume(self, channel: Channel, queue: str, tag: str = "", **how: Any) -> str:
        """Subscribes; returns the consumer's tag."""
        own = {"consumer_tag": tag} if tag else {}
        subscribed: str = channel.basic_consume(queue, self._take, **own, **how)
        return subscribed

    def _take(self, _: Channel, method: Any, properties: Any, content: bytes) -> None:
        self._got.append(Got(method.consumer_tag, content, method, properties))

    def take(self, count: int) -> list[Got]:
        """The next messages; more than `count` at once fail the check."""
        until(lambda: self._connection.process_data_events(0.02) or len(self._got) >= count)
        got, self._got = self._got, []
        assert len(got) == count, got
        return got

    def silent(self) -> None:
        self._connection.process_data_events(_SILENCE_S)
        assert self._got == []


def got(channel: Channel, queue: str, *, auto_ack: bool = True) -> Got | None:
    """One Basic.Get."""
    method, properties, content = channel.basic_get(queue, auto_ack=auto_ack)
    return Got("", content, method, properties) if method else None


def body(channel: Channel, queue: str) -> bytes | None:
    """The body of the next message, which is taken; None when the queue is empty."""
    message = got(channel, queue)
    return message.body if message else None


def bodies(channel: Channel, queue: str) -> list[bytes]:
    """Everything that is ready in the queue, taken out of it."""
    found = []
    while (message := got(channel, queue)) is not None:
        found.append(message.body)
    return found


def arrived(channel: Channel, queue: str, *, auto_ack: bool = True) -> Got:
    """A message that comes to the queue later, as dead letters do."""
    message = until(lambda: got(channel, queue, auto_ack=auto_ack))
    assert message is not None
    return message


def count(channel: Channel, queue: str) -> int:
    """How many messages are ready."""
    messages: int = channel.queue_declare(queue, passive=True).method.message_count
    return messages


def publish(channel: Channel, queue: str, *contents: bytes, **properties: Any) -> None:
    """To the queue through the default exchange."""
    for content in contents:
        channel.basic_publish("", queue, content, pika.BasicProperties(**properties))


@contextmanager
def refused(code: int, *texts: str) -> Iterator[None]:
    """The server must close the channel with this code, and with these words in its text."""
    with pytest.raises(ChannelClosedByBroker) as caught:
        yield
    _demand(caught.value, code, texts)


@contextmanager
def disconnected(code: int, *texts: str) -> Iterator[None]:
    """The same for the whole connection."""
    with pytest.raises(ConnectionClosedByBroker) as caught:
        yield
    _demand(caught.value, code, texts)


def _demand(error: Any, code: int, texts: tuple[str, ...]) -> None:
    assert error.reply_code == code, error.reply_text
    for text in texts:
        assert text in error.reply_text
