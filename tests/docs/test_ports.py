"""The page of ports tells the ports that a stand takes, each of them and no other."""

import re

import psutil

from stend.runtime import process
from tests.conftest import LiveStand
from tests.docs.pages import both

_ROW = re.compile(r"^\| (\d+) \| \+(\d+) \| .* \|$")
_TAPPED = re.compile(r"\| (\d+) \|$")


def told(lines: tuple[str, ...]) -> set[int]:
    """Distances from the beginning of the block."""
    found = set()
    for line in lines:
        if row := _ROW.match(line):
            assert int(row[1]) == 8000 + int(row[2])
            found.add(int(row[2]))
            if tapped := _TAPPED.search(line):
                found.add(int(tapped[1]) - 8000)
    return found


def test_both_languages_tell_the_same_ports() -> None:
    english, russian = both("docs/ports")
    assert told(english.prose) == told(russian.prose)


def test_a_stand_listens_where_the_page_says(live_stand: LiveStand) -> None:
    page, _ = both("docs/ports")
    assert told(page.prose) == listened(live_stand)


def listened(stand: LiveStand) -> set[int]:
    """By the stand's processes; what is outside of the block the system has chosen."""
    running = process.find(stand.state)
    assert running
    main = psutil.Process(running.pid)
    sockets = [
        connection
        for one in (main, *main.children(recursive=True))
        for connection in one.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    distances = {socket.laddr.port - stand.port_base for socket in sockets}
    return {distance for distance in distances if 0 <= distance < 1000}
