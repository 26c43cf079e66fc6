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
    from stend.shop.identity.service import IdentityConfig
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
_PREFETCH = 16


def make_orders(around: Surroundings) -> Service:
    from stend.chassis.event_stream import StreamLimits
    from stend.chassis.grpc import GrpcLimits
    from stend.shop.orders.api.limits import RestLimits
    from stend.shop.orders.service import OrdersConfig, OrdersService

    addresses, limits = around.addresses, around.settings.orders
    config = OrdersConfig(
        database_url=addresses.orders_database_url,
        grpc_address=f"{addresses.host}:{addresses.grpc_port}",
        pool_size=limits.pool_size,
        rest=RestLimits(
            deadline_s=limits.deadline_s,
            body_limit_bytes=limits.body_limit_bytes,
            stream=StreamLimits(limits.heartbeat_s, limits.stream_s),
        ),
        grpc=GrpcLimits(limits.deadline_s, limits.body_limit_bytes),
        workers=_orders_workers(around),
    )
    return OrdersService(config, around.clock, around.ids, around.chance, around.access)


def _orders_workers(around: Surroundings) -> "WorkersConfig":
    from stend.chassis.client_tokens import Client
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
            client=Client(f"{addresses.auth_url}/oauth/token", "orders", limits.client_secret),
        ),
        # The same after a restart: what this process held is its own again at once.
        holder=limits.instance or f"orders-{addresses.port_base}",
        saga=RunnerLimits(limits.sagas, timedelta(seconds=limits.patience_s)),
        call_deadline_s=limits.deadline_s,
        reconcile_every=timedelta(seconds=limits.reconcile_every_s),
        kafka_security=addresses.kafka_security,
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


def make_stock(around: Surroundings) -> Service:
    from stend.shop.stock.api.amqp.server import AmqpLimits
    from stend.shop.stock.service import StockConfig, StockService

    limits = around.settings.orders
    config = StockConfig(
        database_url=around.addresses.database_of("stock"),
        amqp_url=around.addresses.amqp_url,
        pool_size=_POOL_SIZE,
        amqp=AmqpLimits(limits.deadline_s, limits.body_limit_bytes, _PREFETCH),
    )
    return StockService(config, around.clock, around.ids, around.access)


def make_delivery(around: Surroundings) -> Service:
    from stend.chassis.grpc import GrpcLimits
    from stend.shop.delivery.service import DeliveryConfig, DeliveryService

    addresses, limits = around.addresses, around.settings.orders
    config = DeliveryConfig(
        redis_url=addresses.redis_url,
        grpc_address=f"{addresses.host}:{addresses.delivery_port}",
        grpc=GrpcLimits(limits.deadline_s, limits.body_limit_bytes),
        time_scale=around.settings.delivery.time_scale,
    )
    return DeliveryService(config, around.clock, around.ids, around.access)


def make_catalog(around: Surroundings) -> Service:
    from stend.shop.catalog.service import CatalogConfig, CatalogService

    addresses = around.addresses
    config = CatalogConfig(
        addresses.mongodb_url, addresses.redis_url, deadline_s=around.settings.orders.deadline_s
    )
    return CatalogService(config, around.clock, around.ids, around.chance, around.access)


def make_notifications(around: Surroundings) -> Service:
    from stend.shop.notifications.service import NotificationsConfig, NotificationsService

    addresses = around.addresses
    config = NotificationsConfig(
        database_url=addresses.database_of("notifications"),
        redis_url=addresses.redis_url,
        amqp_url=addresses.amqp_url,
        allowed_loopback_ports=frozenset(addresses.receiver_ports),
        loopback_taps=addresses.receiver_taps,
        deadline_s=around.settings.orders.deadline_s,
    )
    return NotificationsService(config, around.clock, around.ids, around.chance, around.access)


def make_analytics(around: Surroundings) -> Service:
    from stend.shop.analytics.service import AnalyticsConfig, AnalyticsService

    config = AnalyticsConfig(
        around.state / "warehouse",
        around.addresses.kafka_servers,
        kafka_security=around.addresses.kafka_security,
    )
    return AnalyticsService(config, around.clock, around.ids, around.access)


def identity_config(settings: Settings, addresses: Addresses, state: Path) -> "IdentityConfig":
    from stend.shop.identity.service import IdentityConfig

    auth = settings.auth
    return IdentityConfig(
        issuer=addresses.auth_url,
        state=state / "identity",
        demo=not auth.required,
        client_secrets={**auth.client_secrets, "orders": settings.orders.client_secret},
        partner_keys=auth.partner_keys,
    )


def access_of(settings: Settings, addresses: Addresses, state: Path, clock: Clock) -> Access:
    """Who issues tokens in this stand's folder keeps the keys there; else they are fetched.

    Blocks until they are, or until it is clear that they cannot be.
    """
    from stend.chassis.access import JwtAccess
    from stend.chassis.tokens import FetchedKeys, TokenRules, TokenVerifier
    from stend.shop.identity.service import partner_keys

    # Alone, the issuer would ask itself before it answers.
    if not settings.auth.url or settings.stand.only == ("identity",):
        return own_access(settings, addresses, state, clock)
    config = identity_config(settings, addresses, state)
    keys = FetchedKeys(f"{settings.auth.url}/oauth/jwks")
    # Who is not there yet is asked again by the first call.
    keys.fetch(clock.now().timestamp())
    verifier = TokenVerifier(keys, TokenRules(config.issuer, config.audience), clock)
    return JwtAccess(verifier, partner_keys(config), settings.auth.required)


def own_access(settings: Settings, addresses: Addresses, state: Path, clock: Clock) -> Access:
    """By the keys of this stand's folder; they are made when they are first needed."""
    from stend.shop.identity.service import shop_access

    config = identity_config(settings, addresses, state)
    return shop_access(config, clock, settings.auth.required)


def make_identity(around: Surroundings) -> Service:
    from stend.shop.identity.service import IdentityService

    config = identity_config(around.settings, around.addresses, around.state)
    return IdentityService(config, around.clock, around.ids, around.access)
