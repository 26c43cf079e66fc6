"""Connections of the HTTP port end, also those of a peer who never reads."""

import contextlib
import socket
import sys

import pytest

from stend.runtime.listening import listening_at
from tests.waiting import until

HOST = "127.0.0.1"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told so")
def test_a_peer_who_never_reads_does_not_hold_a_connection_for_ever() -> None:
    with (
        listening_at(HOST, 0, untaken_s=0.5) as listening,
        socket.create_connection(listening.getsockname()) as never_reads,
    ):
        accepted, _ = listening.accept()
        with accepted:
            accepted.setblocking(False)
            fill(accepted)
            assert until(lambda: accepted.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        # He still had it open.
        assert never_reads.fileno() != -1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told so")
def test_a_peer_who_reads_slowly_is_left_in_peace() -> None:
    with (
        listening_at(HOST, 0, untaken_s=0.5) as listening,
        socket.create_connection(listening.getsockname()) as reads_slowly,
    ):
        accepted, _ = listening.accept()
        with accepted:
            accepted.setblocking(False)
            sent = fill(accepted)
            taken = 0

            def everything_is_taken() -> bool:
                nonlocal taken
                taken += len(reads_slowly.recv(65_536))
                return taken >= sent

            # A sip at a time takes longer than the patience for who takes nothing.
            until(everything_is_taken)
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def fill(accepted: socket.socket) -> int:
    """Until nothing more fits in; returns how many bytes did."""
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            sent += accepted.send(b"x" * 65_536)
    return sent
