"""Ports that learners' programs are given."""

import socket

from stend.course.sandbox.ports import HOST, PORTS, free_port


def test_no_port_is_given_twice_or_while_somebody_listens_there() -> None:
    first = free_port()
    with socket.create_server((HOST, PORTS[(first - PORTS.start + 1) % len(PORTS)])):
        given = [first, *(free_port() for _ in range(20))]
    assert len(set(given)) == len(given)
    assert (first - PORTS.start + 1) % len(PORTS) + PORTS.start not in given
