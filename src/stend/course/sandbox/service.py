"""A program of the learner that listens on a port."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from stend.course.sandbox.limits import Limits
from stend.course.sandbox.ports import HOST
from stend.course.sandbox.program import Program
from stend.course.sandbox.told import Broken, Trouble
from stend.kit.languages import Text

_LOOK_EVERY_S = 0.02
_SHOWN = 2000
# A program may open several ports: the right one can be the second.
_OTHER_PORT_S = 1.0


@dataclass(frozen=True, slots=True)
class Start:
    """
    Attributes:
        file: the program, in its folder.
        port: where it has to listen; it reads the number from the variable PORT.
        within_s: how long it may take until it does.
    """

    file: str
    port: int
    within_s: float
    environment: Mapping[str, str]


def start_service(start: Start, folder: Path, limits: Limits, mark: str) -> Program:
    """Starts it and waits until it listens.

    Raises:
        Broken: it does not listen where it has to; whatever it had started is ended.
    """
    if not (folder / start.file).is_file():
        raise Broken(
            Text(
                ru=f"Файла {start.file} нет: запускать нечего.",
                en=f"There is no file {start.file}, so there is nothing to start.",
            ),
            expected=start.file,
        )
    environment = {**start.environment, "PORT": str(start.port), "HOST": HOST}
    program = Program([start.file], folder, environment, limits, mark)
    try:
        _wait_until_it_listens(program, start)
    except BaseException:
        program.end()
        raise
    return program


def explain(program: Program) -> Broken:
    """Why a program that has ended, has."""
    said = program.said.strip()
    trouble = program.trouble
    last = said.splitlines()[-1] if said else ""
    if trouble is None and last.startswith("MemoryError"):
        trouble = Trouble.MEMORY
    sentence = _OVER[trouble] if trouble else _ended(program.code, last)
    return Broken(sentence, got=said[-_SHOWN:] or None)


_OVER: Mapping[Trouble, Text] = {
    Trouble.TIME: Text(
        ru="Программа не уложилась в отведённое время и остановлена: похоже на бесконечный цикл.",
        en="The program took longer than it may and was stopped: it looks like an endless loop.",
    ),
    Trouble.MEMORY: Text(
        ru="Программа заняла больше 512 МБ памяти и остановлена.",
        en="The program took more than 512 MB of memory and was stopped.",
    ),
    Trouble.PROCESSES: Text(
        ru="Программа запустила больше 16 процессов и остановлена вместе с ними.",
        en="The program started more than 16 processes and was stopped together with them.",
    ),
    Trouble.OUTPUT: Text(
        ru="Программа напечатала больше 1 МБ и остановлена: уберите печать из цикла.",
        en="The program printed more than 1 MB and was stopped: take the printing out of a loop.",
    ),
}


def _ended(code: int | None, last: str) -> Text:
    if code == 0:
        return Text(
            ru="Программа закончилась сама, с кодом 0, а должна была работать.",
            en="The program ended by itself, with code 0; it should have gone on.",
        )
    if last:
        return Text(
            ru=f"Программа упала с кодом {code}: {last}",
            en=f"The program crashed with code {code}: {last}",
        )
    return Text(
        ru=f"Программа упала с кодом {code} и ничего не напечатала.",
        en=f"The program crashed with code {code} and printed nothing.",
    )


def _wait_until_it_listens(program: Program, start: Start) -> None:
    deadline = time.monotonic() + start.within_s
    alone_until = deadline
    listens: list[tuple[str, int]] = []
    while time.monotonic() < deadline:
        if program.code is not None or program.trouble:
            program.end()
            raise explain(program)
        listens = program.listens_on()
        if any(port == start.port for _, port in listens):
            _refuse_other_hosts(listens)
            return
        if not listens:
            alone_until = time.monotonic() + _OTHER_PORT_S
        elif time.monotonic() > alone_until:
            break
        time.sleep(_LOOK_EVERY_S)
    _refuse_other_hosts(listens)
    raise _deaf(listens, start, program.said)


def _refuse_other_hosts(listens: list[tuple[str, int]]) -> None:
    for host, port in listens:
        if not _is_own(host):
            raise Broken(
                Text(
                    ru=f"Программа слушает {host}:{port}, то есть видна всей сети. "
                    f"Слушайте только {HOST}.",
                    en=f"The program listens on {host}:{port}, which the whole network can see. "
                    f"Listen on {HOST} only.",
                ),
                expected=HOST,
                got=host,
            )


def _is_own(host: str) -> bool:
    """gRPC listens on 127.0.0.1 by a socket of IPv6: `::ffff:127.0.0.1`."""
    address = ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _deaf(listens: list[tuple[str, int]], start: Start, said: str) -> Broken:
    if listens:
        there = ", ".join(f"{host}:{port}" for host, port in listens)
        return Broken(
            Text(
                ru=f"Программа слушает {there}, а порт нужно взять из переменной PORT: "
                f"сейчас это {start.port}.",
                en=f"The program listens on {there}; take the port from the variable PORT: "
                f"this time it is {start.port}.",
            ),
            expected=f"{HOST}:{start.port}",
            got=there,
        )
    return Broken(
        Text(
            ru=f"За {start.within_s:g} с программа не начала слушать порт {start.port}.",
            en=f"Within {start.within_s:g} s the program did not listen on port {start.port}.",
        ),
        expected=f"{HOST}:{start.port}",
        got=said.strip()[-_SHOWN:] or None,
    )
