"""Commands over RabbitMQ: the package aio-pika. Pure."""

from stend.portal.snippets.python import json_text, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.amqp.translate import (
    AUTHORIZATION_HEADER,
    LAST_HEADER,
    QUEUE,
    operation_name,
)
from stend.shop.orders.api.commands import CONTENT_TYPE
from stend.shop.orders.api.messages import input_to_json

_REPLIES = "amq.rabbitmq.reply-to"


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    headers = {} if call.authorization is None else {AUTHORIZATION_HEADER: call.authorization}
    code = program(
        "import asyncio",
        "import json",
        "import uuid",
        "",
        "import aio_pika",
        "",
        f"body = {json_text(input_to_json(call.request), 18)}",
        "command = aio_pika.Message(",
        "    body.encode(),",
        f"    type={operation_name(call.request)!r},",
        "    message_id=str(uuid.uuid4()),",
        f"    reply_to={_REPLIES!r},",
        f"    content_type={CONTENT_TYPE!r},",
        *([f"    headers={headers!r},"] if headers else []),
        ")",
        "",
        "async def main():",
        f"    async with await aio_pika.connect({call.places.amqp_url!r}) as connection:",
        "        channel = await connection.channel()",
        f"        replies = await channel.get_queue({_REPLIES!r}, ensure=False)",
        "        async with replies.iterator(no_ack=True) as coming:",
        f"            await channel.default_exchange.publish(command, {QUEUE!r})",
        "            async for reply in coming:",
        "                print(reply.body.decode())",
        f"                if reply.headers.get({LAST_HEADER!r}, True):",
        "                    break",
        "",
        "asyncio.run(main())",
    )
    return (Snippet("aio-pika", "Python, aio-pika", "amqp", code),)
