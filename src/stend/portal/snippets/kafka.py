"""Commands over Kafka: the package confluent-kafka. Pure."""

from stend.portal.snippets.python import json_text, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.kafka.translate import (
    COMMANDS_TOPIC,
    CORRELATION_ID,
    LAST,
    MESSAGE_ID,
    REPLIES_TOPIC,
    command_headers,
    key_of,
)
from stend.shop.orders.api.messages import input_to_json

_PARTITION = 0
_DEADLINE_S = 10
# A stream is silent while nothing happens; the service ends it after half a minute.
_SILENCE_S = 45


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    servers = {"bootstrap.servers": call.places.kafka_servers, **call.places.kafka_security}
    code = program(
        "import json",
        "import uuid",
        "",
        "from confluent_kafka import Consumer, Producer, TopicPartition",
        "",
        f"servers = {servers!r}",
        "consumer = Consumer({**servers, 'group.id': 'by-hand', 'enable.auto.commit': False})",
        f"replies = TopicPartition({REPLIES_TOPIC!r}, {_PARTITION})",
        "# From the end of the topic: the reply to this command is still to come.",
        f"replies.offset = consumer.get_watermark_offsets(replies, timeout={_DEADLINE_S})[1]",
        "consumer.assign([replies])",
        "",
        "name = str(uuid.uuid4()).encode()",
        f"body = {json_text(input_to_json(call.request), 18)}",
        "producer = Producer(servers)",
        "producer.produce(",
        f"    {COMMANDS_TOPIC!r},",
        "    body.encode(),",
        f"    key={key_of(call.request)!r},",
        "    headers=[",
        *(f"        ({name!r}, {value})," for name, value in _headers(call)),
        "    ],",
        ")",
        f"producer.flush({_DEADLINE_S})",
        "",
        f"while record := consumer.poll({_SILENCE_S}):",
        "    headers = dict(record.headers() or ())",
        f"    if headers.get({CORRELATION_ID!r}) == name:",
        "        print(record.value().decode())",
        f"        if headers.get({LAST!r}) != b'false':",
        "            break",
        "consumer.close()",
    )
    return (Snippet("confluent-kafka", "Python, confluent-kafka", "kafka", code),)


def _headers(call: Call) -> list[tuple[str, str]]:
    """Names and expressions; what names the command is made when the program runs."""
    told = command_headers(call.request, "", _PARTITION, _DEADLINE_S, call.authorization)
    named = {MESSAGE_ID, CORRELATION_ID}
    return [(name, "name" if name in named else repr(value)) for name, value in told]
