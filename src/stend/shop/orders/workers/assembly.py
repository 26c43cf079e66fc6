"""The workers of one process and what they work with, put together when the service runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from stend.chassis.amqp import AmqpLink
from stend.chassis.background import keep_running
from stend.chassis.client_tokens import ClientTokens
from stend.chassis.resilience import GuardPolicy, PeerGuard
from stend.kit.chance import Chance
from stend.kit.clock import Clock
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
from stend.shop.orders.workers.saga_census import SagaCensus
from stend.shop.orders.workers.saga_runner import Desks, SagaRunner
from stend.shop.orders.workers.waking import Wakes

_log = logging.getLogger("stend.orders")
_SERVICE = "orders"


class _Peers:
    """The consumers of the other services, each behind a guard of its own."""

    def __init__(
        self, config: WorkersConfig, link: AmqpLink, tokens: ClientTokens, chance: Chance
    ) -> None:
        deadline_s, at = config.call_deadline_s, config.peers

        def guard(peer: str) -> PeerGuard:
            policy = GuardPolicy(attempt_timeout_s=deadline_s / 2)
            return PeerGuard(_SERVICE, peer, policy, chance.random)

        self.stock = AmqpStockDesk(link, tokens, guard("stock"), deadline_s)
        self.bank = SoapBank(at.payments_url, *at.bank_user, guard("payments"), deadline_s)
        self.points = JsonRpcPointsDesk(at.loyalty_url, tokens, guard("loyalty"), deadline_s)
        self.couriers = GrpcCourierDesk(at.delivery_target, tokens, guard("delivery"), deadline_s)

    @property
    def desks(self) -> Desks:
        return Desks(self.stock, self.bank, self.points, self.couriers)

    def books(self, orders: PostgresOrderBook) -> Books:
        return Books(orders, self.stock, self.bank, self.couriers, self.points)


def _relays(
    config: WorkersConfig, kafka: KafkaEvents, link: AmqpLink, clock: Clock, wakes: Wakes
) -> dict[str, Callable[[], Awaitable[None]]]:
    to_kafka = Relay(Outbox(config.database_url, Target.KAFKA), kafka, "kafka", clock, wakes.kafka)
    to_rabbitmq = Relay(
        Outbox(config.database_url, Target.RABBITMQ),
        RabbitmqEvents(link),
        "rabbitmq",
        clock,
        wakes.rabbitmq,
    )
    return {"the relay to Kafka": to_kafka.run, "the relay to RabbitMQ": to_rabbitmq.run}


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
        self._link = AmqpLink(config.amqp_url, _SERVICE)
        self._tokens = ClientTokens(config.peers.client, clock)
        self._kafka = KafkaEvents(config.kafka_servers, config.kafka_security)
        peers = self._peers = _Peers(config, self._link, self._tokens, chance)
        self._works = _relays(config, self._kafka, self._link, clock, wakes)
        if config.saga.at_once:
            sagas = SagaStore(store.workers_engine, config.holder)
            runner = SagaRunner(store, sagas, peers.desks, config.saga, clock, chance, wakes.sagas)
            news = CourierNews(store, sagas, peers.couriers, clock, wakes.sagas)
            reconciler = Reconciler(
                peers.books(PostgresOrderBook(store.workers_engine)),
                PostgresRunStore(store.workers_engine),
                Lead(config.database_url),
                config.reconcile_every,
                clock,
                ids,
                wakes.reconciler,
            )
            self._works |= {
                "the runner of sagas": runner.run,
                "the census of sagas": SagaCensus(sagas, clock).run,
                "the news of couriers": news.run,
                "the reconciliation": reconciler.run,
            }
        limits = CommandLimits(served.limits.deadline_s, served.limits.body_limit_bytes)
        self._commands = BrokerServers(
            served.orders,
            BrokersConfig(
                config.amqp_url,
                config.kafka_servers,
                limits,
                config.holder,
                config.kafka_security,
            ),
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
            self._peers.points.close(),
            self._peers.bank.close(),
            self._peers.couriers.close(),
            self._kafka.close(),
            self._link.stop(),
            return_exceptions=True,
        )
