"""A port for a program of a learner, which listens there a moment later."""

import itertools
import os
import socket

HOST = "127.0.0.1"
# Far below those that systems give to clients (Linux from 32768, others from 49152), and beside the
# blocks of stands: the usual ones from 8000 on, and those that tests, benches and `course lint`
# start for themselves from 17000 on. Nobody takes it before the program does.
PORTS = range(10_600, 16_900)
# Checks that run at once begin far from each other.
_APART = 97
_taken = itertools.count()


def free_port() -> int:
    """
    Raises:
        OSError: none of them is free.
    """
    for _ in PORTS:
        port = PORTS[(os.getpid() * _APART + next(_taken)) % len(PORTS)]
        if _is_free(port):
            return port
    raise OSError(f"no port from {PORTS.start} to {PORTS.stop - 1} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As a server does: connections of one before leave its port for a minute.
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
