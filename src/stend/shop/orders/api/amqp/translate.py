"""Messages of RabbitMQ to commands of the service, and replies to messages. Pure."""

from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules
from stend.shop.orders.api.commands import Command, CommandReply
from stend.shop.orders.api.messages import dump
from stend.shop.orders.usecases import OperationInput

QUEUE = "orders.commands"
LAST_HEADER = "last"
AUTHORIZATION_HEADER = "authorization"


def reply_type(name: str | None) -> str:
    return f"{name or ''}Reply"


def operation_name(request: OperationInput) -> str:
    return type(request).__name__


def reply_body(reply: CommandReply) -> bytes:
    return dump(reply.body)


def command_of(
    name: str | None,
    body: bytes,
    content_type: str | None,
    credential: object,
    expiration_s: float | None,
) -> Command:
    """
    Args:
        credential: the header `authorization`; a table of AMQP may hold anything there.
        expiration_s: the property `expiration`.
    """
    text = credential if isinstance(credential, str) else None
    return Command(name, body, content_type, text, expiration_s)


def no_return_address() -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "Nobody could be told what became of the command.",
        [Violation("reply_to", "a queue, or amq.rabbitmq.reply-to")],
        "Set the property reply_to of the message.",
    )
