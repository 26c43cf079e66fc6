"""A consumer of the commands, as another service writes it: by the contract alone."""

from stend.chassis.amqp import AmqpLink, AmqpMessage
from stend.chassis.amqp_calls import AmqpCaller
from stend.kit.errors import StendError, Violation
from stend.kit.ids import Ids
from stend.kit.json import JsonObject
from stend.shop.stock.api.amqp import translate
from stend.shop.stock.usecases import Change, Question

QUEUE = "stock.commands"
_DEADLINE_S = 10.0


class StockClient:
    """
    Args:
        link: started and stopped by its owner.
        credential: for the header `authorization`.
    """

    def __init__(self, link: AmqpLink, ids: Ids, credential: str | None = None) -> None:
        self._caller = AmqpCaller(link)
        self._ids = ids
        self._headers = {} if credential is None else {"authorization": credential}

    async def call(
        self,
        command: Change | Question,
        message_id: str | None = None,
        deadline_s: float = _DEADLINE_S,
    ) -> JsonObject:
        """The result of one command.

        Args:
            message_id: the same as before to repeat a command whose reply was lost.

        Raises:
            StendError: what the service refused with, or UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        message = AmqpMessage(
            translate.dump(translate.command_to_json(command)),
            type=type(command).__name__,
            message_id=message_id or self._ids.ulid(),
            content_type=translate.CONTENT_TYPE,
            headers=self._headers,
        )
        reply = translate.reply_from((await self._caller.call(QUEUE, message, deadline_s)).body)
        if reply["ok"]:
            result: JsonObject = reply["result"]
            return result
        raise _error_from(reply["error"])


def _error_from(error: dict[str, object]) -> StendError:
    violations = error.get("violations", [])
    told = violations if isinstance(violations, list) else []
    return StendError(
        translate.code_of(str(error["code"])),
        str(error["detail"]),
        violations=tuple(Violation(one["where"], one["rule"]) for one in told),
    )
