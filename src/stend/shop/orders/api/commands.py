"""Operations as commands of a broker: a message with a type, and replies that tell how it went.

What RabbitMQ and Kafka have in common here: the body of a command is the operation's JSON object,
the body of a reply is `{"ok": true, "result": …}` or `{"ok": false, "error": …}`. Pure.
"""

from dataclasses import dataclass
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, too_large
from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import input_from_json
from stend.shop.orders.usecases import Operation, OperationInput

CONTENT_TYPE = "application/json"


class Retry(StrEnum):
    """What the sender may do; a body has no status code from which he could guess it."""

    # The very same command, a moment later.
    SAME = "same"
    # Another command, after a look at the present state.
    ANEW = "anew"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Fault:
    """`dead_letter`: the command is put where somebody looks at it."""

    retry: Retry
    dead_letter: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """
    Attributes:
        name: what should be the name of an operation.
        deadline_s: how long its sender still waits; None when he does not say.
    """

    name: str | None
    body: bytes
    content_type: str | None
    credential: str | None
    deadline_s: float | None


@dataclass(frozen=True, slots=True)
class CommandReply:
    """`last`: nothing more comes for this command."""

    body: JsonObject
    last: bool = True


def read(command: Command, limit_bytes: int) -> OperationInput:
    """
    Raises:
        StendError: MESSAGE_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NO_SUCH_OPERATION,
            MALFORMED_MESSAGE, INVALID_ARGUMENT.
    """
    if len(command.body) > limit_bytes:
        raise too_large(len(command.body), limit_bytes)
    if command.content_type not in {None, CONTENT_TYPE}:
        raise _unsupported(command.content_type)
    try:
        operation = Operation(command.name or "")
    except ValueError:
        raise _no_such_operation(command.name) from None
    return input_from_json(operation, command.body)


def _unsupported(content_type: str | None) -> StendError:
    return StendError(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "The service reads JSON only.",
        value=content_type,
        expected=f"the content type {CONTENT_TYPE}",
        next_step="Send JSON in UTF-8.",
    )


def _no_such_operation(name: str | None) -> StendError:
    return StendError(
        EdgeErrorCode.NO_SUCH_OPERATION,
        "The service has no such command.",
        value=name or "no type",
        expected=f"the type is one of {', '.join(Operation)}",
        next_step="Set the type of the message.",
    )
