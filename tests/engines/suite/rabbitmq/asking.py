"""Questions to the broker through pika, whose answer is a value to compare."""

from collections.abc import Callable
from typing import Any

import pytest
from pika.exceptions import ChannelClosedByBroker

from tests.engines.suite.rabbitmq.blocking import Channel, Got, got


def refusal(call: Callable[..., object], *arguments: Any, **named: Any) -> tuple[int, str]:
    """The code and the text with which the broker closes the channel."""
    with pytest.raises(ChannelClosedByBroker) as closed:
        call(*arguments, **named)
    return closed.value.reply_code, closed.value.reply_text


def taken(channel: Channel, queue: str, *, auto_ack: bool = True) -> list[Got]:
    """All that is ready in a queue, by Basic.Get."""
    messages = []
    while (message := got(channel, queue, auto_ack=auto_ack)) is not None:
        messages.append(message)
    return messages
