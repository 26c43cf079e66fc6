"""The workers of one process and what they work with, put together when the service runs."""

import asyncio
import logging

from stend.chassis.amqp import AmqpLink
from stend.chassis.background import keep_running
from stend.chassis.client_tokens import ClientTokens
from stend.chassis.resilience import GuardPolicy, PeerGuard
from stend.kit.chance import Chance
from stend.kit.ids import Ids
from stend.shop.orders.api.brokers import BrokersConfig, BrokerServers
from stend.shop.orders.api.command_desk import CommandLimits
from stend.shop.orders.api.serving import Served
from stend.shop.orders.clients.delivery import GrpcCourierDesk
from stend.shop.orders.clients.kafka_events import KafkaEvents
from stend.shop.orders.clients.loyalty import JsonRpcPointsDesk
from stend.shop.orders.clients.payments import SoapBank
from stend.shop.orders.clients.rabbitmq_events import RabbitmqEvents
from stend.shop.orders.clients.stock import AmqpStockDesk
from stend.shop.orders.stores.outbox import Outbox, Target
from stend.shop.orders.stores.reconciliations import Lead, PostgresRunStore
from stend.shop.orders.stores.sagas import SagaStore
from stend.shop.orders.stores.sides import PostgresOrderBook
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.workers.config import WorkersConfig
from stend.shop.orders.workers.courier_news import CourierNews
from stend.shop.orders.workers.reconciler import Reconciler
from stend.shop.orders.workers.reconciling import Books
from stend.shop.orders.workers.relay import Relay
from stend.shop.orders.workers.saga_runner import Desks, SagaRunner
from stend.shop.orders.workers.waking import Wakes

_log = logging.getLogger("stend.orders")
_SERVICE = "orders"


class Workers:
    """
    Args:
        wakes: set for every change of an order: one for the sagas, one for each relay.
    """

    def __init__(
        self,
        config: WorkersConfig,
        store: PostgresOrderStore,
        served: Served,
        ids: Ids,
        chance: Chance,
        wakes: Wakes,
    ) -> None:
        clock = served.clock
        deadline_s = config.call_deadline_s
        self._link = AmqpLink(config.amqp_url, _SERVICE)

        def guard(peer: str) -> PeerGuard:
            policy = GuardPolicy(attempt_timeout_s=deadline_s / 2)
            return PeerGuard(_SERVICE, peer, policy, chance.random)

        tokens = self._tokens = ClientTokens(config.peers.client, clock)
        self._points = JsonRpcPointsDesk(
            config.peers.loyalty_url, tokens, guard("loyalty"), deadline_s
        )
        self._bank = SoapBank(
            config.peers.payments_url, *config.peers.bank_user, guard("payments"), deadline_s
        )
        self._couriers = GrpcCourierDesk(
            config.peers.delivery_target, tokens, guard("delivery"), deadline_s
        )
        stock = AmqpStockDesk(self._link, tokens, guard("stock"), deadline_s)
        desks = Desks(stock, self._bank, self._points, self._couriers)
        sagas = SagaStore(store.engine, config.holder)
        self._kafka = KafkaEvents(config.kafka_servers)
        to_kafka = Relay(
            Outbox(config.database_url, Target.KAFKA), self._kafka, "kafka", clock, wakes.kafka
        )
        to_rabbitmq = Relay(
            Outbox(config.database_url, Target.RABBITMQ),
            RabbitmqEvents(self._link),
            "rabbitmq",
            clock,
            wakes.rabbitmq,
        )
        runner = SagaRunner(store, sagas, desks, config.saga, clock, chance, wakes.sagas)
        news = CourierNews(store, sagas, self._couriers, clock, wakes.sagas)
        reconciler = Reconciler(
            Books(PostgresOrderBook(store.engine), stock, self._bank, self._points),
            PostgresRunStore(store.engine),
            Lead(config.database_url),
            config.reconcile_every,
            clock,
            ids,
            wakes.reconciler,
        )
        self._works = {
            "the relay to Kafka": to_kafka.run,
            "the relay to RabbitMQ": to_rabbitmq.run,
        }
        if config.saga.at_once:
            self._works |= {
                "the runner of sagas": runner.run,
                "the news of couriers": news.run,
                "the reconciliation": reconciler.run,
            }
        limits = CommandLimits(served.limits.deadline_s, served.limits.body_limit_bytes)
        self._commands = BrokerServers(
            served.orders,
            BrokersConfig(config.amqp_url, config.kafka_servers, limits, config.holder),
            served.intake,
            clock,
            ids,
        )
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Returns at once: whoever is away is waited for."""
        self._link.start()
        self._commands.start()
        self._running = [keep_running(name, work, _log) for name, work in self._works.items()]

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.gather(
            self._commands.stop(),
            self._tokens.close(),
            self._points.close(),
            self._bank.close(),
            self._couriers.close(),
            self._kafka.close(),
            self._link.stop(),
            return_exceptions=True,
        )
