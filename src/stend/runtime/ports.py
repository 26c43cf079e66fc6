"""Whether the ports are free, and if not, who has them."""

import contextlib
import errno
import socket

import psutil


class PortTakenError(Exception):
    """A port of the block belongs to another process."""


def check_free(host: str, ports: dict[str, int]) -> None:
    """
    Args:
        ports: by the name of what would listen there.

    Raises:
        PortTakenError: names every taken port, its process and the way out.
    """
    taken = [
        f"port {port} ({name}) is taken by {holder_of(port)}"
        for name, port in ports.items()
        if not _is_free(host, port)
    ]
    if taken:
        raise PortTakenError(
            "; ".join(taken) + ". Stop that process or choose another block: --port-base 9000"
        )


def holder_of(port: int) -> str:
    """`nginx (process 4711)`, or what little the system tells about it."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            is_listener = connection.status == psutil.CONN_LISTEN
            address = connection.laddr
            if is_listener and address and address.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "a process that this user may not see"


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
            raise PortTakenError(f"cannot listen on {host}:{port}: {error}") from error
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
