"""Clients of the shop's token service, what each may do, and the grants that lead to a token."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.chassis.access import CUSTOMER_SCOPES
from stend.kit.languages import Text

_SERVICES = (
    "analytics",
    "catalog",
    "delivery",
    "loyalty",
    "notifications",
    "orders",
    "payments",
    "stock",
)
READ_SCOPES = frozenset(f"{service}:read" for service in _SERVICES)
# Whoever may change the keys of the issuer may do anything, so that is a right of its own.
KEYS_SCOPE = "identity:write"
ALL_SCOPES = READ_SCOPES | {f"{service}:write" for service in _SERVICES} | {KEYS_SCOPE}


class IdentityErrorCode(StrEnum):
    INVALID_CLIENT = "invalid-client"
    INVALID_GRANT = "invalid-grant"
    INVALID_SCOPE = "invalid-scope"
    UNSUPPORTED_GRANT_TYPE = "unsupported-grant-type"


class GrantType(StrEnum):
    """RFC 6749, section 4.4, and one extension grant (section 4.5) of this stand."""

    CLIENT_CREDENTIALS = "client_credentials"
    DEMO = "urn:lavka:grant:demo"


@dataclass(frozen=True, slots=True)
class Client:
    """
    Attributes:
        scopes: all that it may ask for; what it gets when it asks for nothing in particular.
        demo_secret: known to everybody, and valid on a demo stand only.
    """

    client_id: str
    label: Text
    may: Text
    scopes: frozenset[str]
    demo_secret: str


CLIENTS: Mapping[str, Client] = {
    client.client_id: client
    for client in (
        Client(
            "orders",
            Text("Сервис заказов", "The service orders"),
            Text(
                "Резервировать товар, платить, начислять баллы и вызывать курьера.",
                "Reserve goods, pay, accrue points and call a courier.",
            ),
            frozenset(
                f"{service}:{kind}"
                for service in ("stock", "payments", "loyalty", "delivery")
                for kind in ("read", "write")
            ),
            "orders-demo-secret",
        ),
        Client(
            "traffic",
            Text("Генератор трафика", "The traffic generator"),
            Text(
                "Всё, что может покупатель, от имени любого из них.",
                "All that a customer may do, in the name of any of them.",
            ),
            CUSTOMER_SCOPES,
            "traffic-demo-secret",
        ),
        Client(
            "partner",
            Text("Партнёр", "A partner"),
            Text(
                "Читать каталог, оформлять заказы и следить за ними, принимать вебхуки.",
                "Read the catalogue, place orders and follow them, receive webhooks.",
            ),
            CUSTOMER_SCOPES - {"loyalty:read"},
            "partner-demo-secret",
        ),
        Client(
            "courier",
            Text("Приложение курьера", "A courier's app"),
            Text(
                "Принимать доставки и сообщать положение.",
                "Take deliveries and report positions.",
            ),
            frozenset({"delivery:read", "delivery:write"}),
            "courier-demo-secret",
        ),
        Client(
            "readonly",
            Text("Только чтение", "Read only"),
            Text("Читать всё и ничего не менять.", "Read everything and change nothing."),
            READ_SCOPES,
            "readonly-demo-secret",
        ),
        Client(
            "operator",
            Text("Оператор стенда", "The operator of the stand"),
            Text(
                "Всё, включая смену ключей подписи.",
                "Everything, the change of signing keys too.",
            ),
            ALL_SCOPES,
            "operator-demo-secret",
        ),
    )
}

# A key of a partner for a demo stand; whoever has it may do what the client `partner` may.
DEMO_API_KEY_PREFIX = "partner-demo"
DEMO_API_KEY_SECRET = "lavka-partner-demo-key"  # noqa: S105 - known to everybody, on purpose
# The customer of the contracts' examples: whoever tries his token may send them as they are.
DEMO_CUSTOMER = "cus_0042"
