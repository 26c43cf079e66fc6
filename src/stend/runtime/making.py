"""Makes each service from the settings: the addresses of its engines and of the other services.

A service and what it needs are imported when it is made.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from stend.chassis.access import Access
from stend.chassis.service import Service
from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.runtime.addresses import Addresses
from stend.runtime.settings import Settings

if TYPE_CHECKING:
    from stend.shop.orders.workers.config import WorkersConfig


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a service is made with.

    Attributes:
        state: folder of this stand.
    """

    settings: Settings
    addresses: Addresses
    state: Path
    clock: Clock
    ids: Ids
    chance: Chance
    access: Access


# The bank is another company: who calls has a user there, and no token of the shop helps.
_ORDERS_AT_THE_BANK = ("orders", "orders")
_CARD_LIMIT_MINOR = 5_000_000
_POOL_SIZE = 4


def make_orders(around: Surroundings) -> Service:
    from stend.chassis.grpc import GrpcLimits
    from stend.shop.orders.api.rest.server import RestLimits
    from stend.shop.orders.service import OrdersConfig, OrdersService

    addresses, limits = around.addresses, around.settings.orders
    config = OrdersConfig(
        database_url=addresses.orders_database_url,
        grpc_address=f"{addresses.host}:{addresses.grpc_port}",
        pool_size=limits.pool_size,
        rest=RestLimits(
            deadline_s=limits.deadline_s,
            body_limit_bytes=limits.body_limit_bytes,
            heartbeat_s=limits.heartbeat_s,
            stream_s=limits.stream_s,
        ),
        grpc=GrpcLimits(limits.deadline_s, limits.body_limit_bytes),
        workers=_orders_workers(around),
    )
    return OrdersService(config, around.clock, around.ids, around.chance, around.access)


def _orders_workers(around: Surroundings) -> "WorkersConfig":
    from stend.shop.orders.workers.config import PeerAddresses, RunnerLimits, WorkersConfig

    addresses, limits = around.addresses, around.settings.orders
    return WorkersConfig(
        database_url=addresses.orders_database_url,
        amqp_url=addresses.amqp_url,
        kafka_servers=addresses.kafka_servers,
        peers=PeerAddresses(
            payments_url=addresses.payments_url,
            bank_user=_ORDERS_AT_THE_BANK,
            loyalty_url=addresses.loyalty_url,
            delivery_target=addresses.delivery_target,
        ),
        # The same after a restart: what this process held is its own again at once.
        holder=f"orders@{addresses.http_url}",
        saga=RunnerLimits(limits.sagas, timedelta(seconds=limits.patience_s)),
        call_deadline_s=limits.deadline_s,
    )


def make_payments(around: Surroundings) -> Service:
    from stend.kit.money import Money
    from stend.shop.payments.api.users import BankUser
    from stend.shop.payments.service import PaymentsConfig, PaymentsService

    limits = around.settings.orders
    user, password = _ORDERS_AT_THE_BANK
    both = frozenset({"payments:read", "payments:write"})
    config = PaymentsConfig(
        database_url=around.addresses.database_of("payments"),
        pool_size=_POOL_SIZE,
        users=(
            BankUser(user, password, both),
            BankUser("auditor", "auditor", frozenset({"payments:read"})),
        ),
        card_limit=Money(_CARD_LIMIT_MINOR),
        deadline_s=limits.deadline_s,
        body_limit_bytes=limits.body_limit_bytes,
        nonce_limit=100_000,
    )
    return PaymentsService(config, around.clock, around.ids)


def make_loyalty(around: Surroundings) -> Service:
    from stend.shop.loyalty.service import LoyaltyConfig, LoyaltyService

    config = LoyaltyConfig(around.addresses.mysql_url, deadline_s=around.settings.orders.deadline_s)
    return LoyaltyService(config, around.clock, around.ids, around.access)
