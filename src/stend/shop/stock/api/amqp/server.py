"""RabbitMQ: commands of `stock.commands` to the use cases, replies to `reply_to`."""

import logging
from dataclasses import dataclass

from stend.chassis.amqp import AmqpConsumer, AmqpLink, AmqpMessage, AmqpPublisher, AmqpQueue
from stend.chassis.intake import Intake
from stend.kit.errors import StendError, internal
from stend.kit.ids import Ids
from stend.kit.json import JsonObject
from stend.shop.stock.api.amqp import faults, translate
from stend.shop.stock.usecases import Command, GetStock, ListReservations, Result, Stock

_log = logging.getLogger("stend.stock.amqp")
COMMANDS = AmqpQueue("stock.commands", dead_letter_exchange="stock.dlx", most_dead=10_000)
_READS = frozenset({Command.GET_STOCK, Command.LIST_RESERVATIONS})
_UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class AmqpLimits:
    """
    Attributes:
        deadline_s: for one command, where its own expiration is not shorter.
        body_limit_bytes: largest body of a command.
        prefetch: commands in work at once.
    """

    deadline_s: float
    body_limit_bytes: int
    prefetch: int


def reply_to_json(result: Result | StendError) -> JsonObject:
    """The body of a reply: what the inbox keeps."""
    if isinstance(result, StendError):
        return faults.refusal_to_json(result)
    return translate.result_to_json(result)


class _KeptRefusalError(StendError):
    """A refusal of the domain as the inbox keeps it; metrics count it by its code."""

    def __init__(self, reply: JsonObject) -> None:
        error = reply["error"]
        code = error["code"] if isinstance(error, dict) else ""
        super().__init__(translate.code_of(str(code)), "The service has refused the command.")
        self.reply = reply


class StockAmqpServer:
    """The worker of `stock.commands`. It acknowledges a command when its reply is with the broker.

    A command whose worker dies comes again; the inbox then repeats the reply of the first time.
    """

    def __init__(
        self, stock: Stock, link: AmqpLink, intake: Intake, ids: Ids, limits: AmqpLimits
    ) -> None:
        self._stock = stock
        self._intake = intake
        self._ids = ids
        self._limits = limits
        self._publisher = AmqpPublisher(link)
        AmqpConsumer(link, COMMANDS, limits.prefetch, self._handle)

    async def _handle(self, message: AmqpMessage) -> None:
        """
        Raises:
            StendError: what dead-letters the command; its sender was told before.
        """
        refusal: StendError | None = None
        try:
            reply = await self._answer(message)
        except _KeptRefusalError as error:
            reply = error.reply
        except StendError as error:
            refusal, reply = error, faults.refusal_to_json(error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the sender gets a reply
            _log.exception("%s failed", message.type)
            refusal = internal()
            reply = faults.refusal_to_json(refusal)
        if message.reply_to:
            await self._reply(message, message.reply_to, reply)
        if refusal is not None and faults.is_dead(refusal):
            raise refusal

    async def _answer(self, message: AmqpMessage) -> JsonObject:
        name = message.type if message.type in set(Command) else _UNKNOWN
        scope = "stock:read" if name in _READS else "stock:write"
        credential = message.headers.get("authorization")
        return await self._intake.perform(
            name,
            scope,
            credential if isinstance(credential, str) else None,
            lambda _: self._perform(message),
            message.expiration_s,
        )

    async def _perform(self, message: AmqpMessage) -> JsonObject:
        if not message.reply_to:
            raise translate.missing_property("reply_to", "a queue, or amq.rabbitmq.reply-to")
        translate.check_body(message.body, message.content_type, self._limits.body_limit_bytes)
        command = translate.command_from(message.type, message.body)
        envelope = translate.envelope_of(message.message_id, message.type or "", message.body)
        if isinstance(command, GetStock | ListReservations):
            return await self._stock.answer(command)
        reply = await self._stock.change(command, envelope)
        if not reply["ok"]:
            raise _KeptRefusalError(reply)
        return reply

    async def _reply(self, message: AmqpMessage, reply_to: str, reply: JsonObject) -> None:
        outgoing = AmqpMessage(
            translate.dump(reply),
            type=translate.reply_type(message.type),
            message_id=self._ids.ulid(),
            correlation_id=message.correlation_id,
            content_type=translate.CONTENT_TYPE,
        )
        try:
            await self._publisher.publish(outgoing, reply_to, deadline_s=self._limits.deadline_s)
        except StendError as error:
            # The sender asks again, and gets the reply that the inbox keeps.
            _log.warning("a reply to %s was not sent: %s", message.type, error.detail)
