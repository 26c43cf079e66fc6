"""What a dead letter looks like: the x-death header and the loop it must not run in. Pure.

As RabbitMQ does it: https://www.rabbitmq.com/docs/dlx, section "Effects on Messages".
"""

from stend.engines.amqp.message import Message
from stend.engines.amqp.queues import Reason
from stend.wire.amqp.content import (
    header_items,
    headers_of,
    text_property,
    with_headers,
)
from stend.wire.amqp.values import (
    Items,
    Value,
    array_value,
    long_value,
    read_value,
    split_array,
    split_table,
    string_value,
    table_value,
    timestamp_value,
)

_DEATHS = "x-death"


def dead_properties(
    message: Message, queue: str, reason: Reason, now_s: int, *, drops_keys: bool
) -> dict[str, bytes]:
    """The properties of the dead letter: one more death told, and no expiration any more.

    Args:
        drops_keys: the queue gives its dead letters a routing key of its own, so CC goes.
    """
    items = _with_death(message, header_items(message.properties), queue, reason, now_s)
    if drops_keys:
        items = [item for item in items if item[0] != "CC"]
    properties = with_headers(message.properties, items)
    properties.pop("expiration", None)
    return properties


def is_cycle(properties: dict[str, bytes], queue: str) -> bool:
    """Whether the message was in this queue before and nobody but time or room sent it round."""
    deaths = headers_of(properties).get(_DEATHS)
    if not isinstance(deaths, list):
        return False
    on_the_way: list[Value] = []
    for death in deaths:
        on_the_way.append(death)
        if isinstance(death, dict) and death.get("queue") == queue:
            return all(
                isinstance(one, dict) and one.get("reason") != Reason.REJECTED for one in on_the_way
            )
    return False


def _with_death(message: Message, items: Items, queue: str, reason: Reason, now_s: int) -> Items:
    told = next((value for name, value in items if name == _DEATHS), None)
    deaths = split_array(told) if told else []
    same = next((death for death in deaths if _tells_of(death, queue, reason)), None)
    newest = _again(same) if same else _death(message, queue, reason, now_s)
    all_deaths = array_value([newest, *(death for death in deaths if death is not same)])
    if told:
        return [(name, all_deaths if name == _DEATHS else value) for name, value in items]
    first = [
        ("x-first-death-exchange", string_value(message.exchange)),
        ("x-first-death-queue", string_value(queue)),
        ("x-first-death-reason", string_value(reason)),
    ]
    known = {name for name, _ in first}
    kept = [item for item in items if item[0] not in known]
    return [*kept, (_DEATHS, all_deaths), *first]


def _tells_of(raw: bytes, queue: str, reason: Reason) -> bool:
    death = read_value(raw)
    return isinstance(death, dict) and death.get("queue") == queue and death.get("reason") == reason


def _death(message: Message, queue: str, reason: Reason, now_s: int) -> bytes:
    keys = (message.routing_key, *message.more_keys)
    death = [
        ("count", long_value(1)),
        ("reason", string_value(reason)),
        ("queue", string_value(queue)),
        ("time", timestamp_value(now_s)),
        ("exchange", string_value(message.exchange)),
        ("routing-keys", array_value(string_value(key) for key in keys)),
    ]
    expiration = text_property(message.properties, "expiration")
    if expiration is not None:
        death.append(("original-expiration", string_value(expiration)))
    return table_value(death)


def _again(raw: bytes) -> bytes:
    """The same death once more. Everything but the count stays in its own bytes."""
    items, _ = split_table(raw, 1)
    return table_value(
        (name, long_value(_one_more(value)) if name == "count" else value) for name, value in items
    )


def _one_more(raw: bytes) -> int:
    count = read_value(raw)
    return count + 1 if isinstance(count, int) else 1
