"""Whether the ports are free, and if not, who has them."""

import contextlib
import errno
import socket

import psutil

from stend.kit.languages import Text
from stend.runtime.refusals import PortTakenError


def check_free(host: str, ports: dict[str, int]) -> None:
    """
    Args:
        ports: by the name of what would listen there.

    Raises:
        PortTakenError: names every taken port, its process and the way out.
    """
    taken = [
        (name, port, holder_of(port)) for name, port in ports.items() if not _is_free(host, port)
    ]
    if not taken:
        return
    ru = "; ".join(f"порт {port} ({name}) занят: {who.ru}" for name, port, who in taken)
    en = "; ".join(f"port {port} ({name}) is taken by {who.en}" for name, port, who in taken)
    raise PortTakenError(
        Text(
            ru=f"{ru}. Остановите эту программу или выберите другой блок: --port-base 9000",
            en=f"{en}. Stop that process or choose another block: --port-base 9000",
        )
    )


def holder_of(port: int) -> Text:
    """`nginx (process 4711)`, or what little the system tells about it."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            is_listener = connection.status == psutil.CONN_LISTEN
            address = connection.laddr
            if is_listener and address and address.port == port and connection.pid:
                name = psutil.Process(connection.pid).name()
                return Text(
                    ru=f"{name} (процесс {connection.pid})",
                    en=f"{name} (process {connection.pid})",
                )
    return Text(
        ru="процесс, который этому пользователю не виден",
        en="a process that this user may not see",
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(_family(host)) as probe:
        # As servers do: connections of a stand that just ended do not make the port taken.
        if not psutil.WINDOWS:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise PortTakenError(
                Text(
                    ru=f"не получается слушать на {host}:{port}: {error}",
                    en=f"cannot listen on {host}:{port}: {error}",
                )
            ) from error
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
