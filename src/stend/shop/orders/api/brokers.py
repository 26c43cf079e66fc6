"""The service behind its brokers. Their clients are heavy: import this when the service runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from stend.chassis.intake import Intake
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.shop.orders.api.amqp.server import AmqpServer
from stend.shop.orders.api.command_desk import CommandLimits
from stend.shop.orders.api.kafka.server import KafkaServer
from stend.shop.orders.usecases import OrdersOf


@dataclass(frozen=True, slots=True)
class BrokersConfig:
    """
    Attributes:
        amqp_url: `amqp://user:password@host:port/vhost`.
        kafka_servers: `host:port` of brokers to begin with.
        kafka_instance: names this process in the group `orders`, the same after a restart; None
            where several processes run that nobody names.
    """

    amqp_url: str
    kafka_servers: tuple[str, ...]
    limits: CommandLimits
    kafka_instance: str | None = None
    kafka_security: KafkaSecurity = PLAINTEXT


class BrokerServers:
    """The queue `orders.commands` of RabbitMQ and the topic of the same name of Kafka.

    Args:
        intake: of a protocol, by its name.
    """

    def __init__(
        self,
        orders: OrdersOf,
        config: BrokersConfig,
        intake: Callable[[str], Intake],
        clock: Clock,
        ids: Ids,
    ) -> None:
        limits = config.limits
        self._amqp = AmqpServer(orders, config.amqp_url, limits, intake("amqp"), ids)
        self._kafka = KafkaServer(
            orders,
            ",".join(config.kafka_servers),
            limits,
            intake("kafka"),
            clock,
            ids,
            config.kafka_instance,
            config.kafka_security,
        )

    def start(self) -> None:
        """Returns at once; brokers that are away are waited for in the background."""
        self._amqp.start()
        self._kafka.start()

    async def stop(self) -> None:
        """Also after streams were ended, so that who follows an order is told."""
        await asyncio.gather(self._amqp.stop(), self._kafka.stop(), return_exceptions=True)
