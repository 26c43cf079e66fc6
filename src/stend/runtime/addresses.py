"""Who listens where: every address of the stand, worked out from the settings."""

from dataclasses import dataclass
from pathlib import Path

from stend.runtime.settings import EngineMode, Settings

_GRPC = 1
_POSTGRESQL = 10
TAP_OFFSET = 100

DATABASE = "lavka"
# The stand is a teaching tool on one machine: everybody may know these names, and the superuser's
# password is random.
LEARNER = "lavka"


@dataclass(frozen=True, slots=True)
class Addresses:
    """
    Attributes:
        orders_database_url: what the service connects to.
        orders_rest_url, orders_grpc_target: what its clients connect to.
    """

    host: str
    http_port: int
    grpc_port: int
    postgresql_port: int
    postgresql_url: str
    orders_database_url: str
    orders_rest_url: str
    orders_grpc_target: str

    @property
    def http_url(self) -> str:
        return f"http://{self.host}:{self.http_port}"

    @property
    def listening_ports(self) -> dict[str, int]:
        return {"HTTP": self.http_port, "gRPC": self.grpc_port}


def addresses_of(settings: Settings) -> Addresses:
    host, base = settings.stand.host, settings.stand.port_base
    orders = settings.orders
    postgresql_port = base + _POSTGRESQL
    embedded = settings.stand.engines is EngineMode.EMBEDDED
    at = f"{host}:{postgresql_port}/{DATABASE}"
    postgresql_url = f"postgresql://{LEARNER}:{LEARNER}@{at}"
    orders_url = f"postgresql://orders:orders@{at}"
    if not embedded:
        postgresql_url = orders_url = settings.postgresql.url
    return Addresses(
        host=host,
        http_port=base,
        grpc_port=base + _GRPC,
        postgresql_port=postgresql_port,
        postgresql_url=postgresql_url,
        orders_database_url=orders.database_url or orders_url,
        orders_rest_url=orders.rest_url or f"http://{host}:{base}",
        orders_grpc_target=orders.grpc_target or f"{host}:{base + _GRPC}",
    )


def state_of(settings: Settings, root: Path) -> Path:
    """The folder of this stand: one per port base, so that two stands live side by side."""
    return root / settings.stand.state_dir / str(settings.stand.port_base)
