"""A gateway of the stand, for one test or a module of them."""

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stend.engines.nginx.launcher import NginxConfig, NginxLauncher
from tests.engines.servers import HOST, free_port, launched


class Today:
    """The system's clock: clients check certificates by theirs."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Running:
    launcher: NginxLauncher
    config: NginxConfig

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.config.http_port}"

    @property
    def https_url(self) -> str:
        return f"https://{HOST}:{self.config.https_port}"

    def trusting(self) -> ssl.SSLContext:
        """A client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.launcher.ca_path))

    def showing(self, certificate: Path) -> ssl.SSLContext:
        """The same client, which now shows a certificate of its own when it is asked for one."""
        context = self.trusting()
        context.load_cert_chain(certificate)
        return context


def config_in(
    folder: Path, http_upstream: int = 1, grpc_upstream: int = 1, delivery_upstream: int = 1
) -> NginxConfig:
    return NginxConfig(
        home=folder / "nginx",
        log_path=folder / "nginx.log",
        host=HOST,
        http_port=free_port(),
        https_port=free_port(),
        http_upstream=f"{HOST}:{http_upstream}",
        grpc_upstream=f"{HOST}:{grpc_upstream}",
        delivery_upstream=f"{HOST}:{delivery_upstream}",
    )


@contextlib.contextmanager
def running(config: NginxConfig) -> Iterator[Running]:
    with launched(NginxLauncher(config, Today())) as launcher:
        yield Running(launcher, config)
