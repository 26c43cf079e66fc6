"""Thousands of connections with odd bytes to one server, and how it is afterwards."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.engines.servers import HOST, is_gone

_AT_ONCE = 16
_TOLD_OF_BUGS = ("Traceback", "a bug in", "Exception")


@dataclass(frozen=True, slots=True)
class Attack:
    """
    Attributes:
        input_of: one connection's bytes, by seed.
        warm_after: the batches up to this one fill caches and pools of the interpreter.
        may_grow_bytes: what the process may take more than it had then.
        ends_within_s: when a connection whose client has said everything must be over.
    """

    input_of: Callable[[int], bytes]
    batches: int
    inputs_in_batch: int
    warm_after: int
    may_grow_bytes: int
    ends_within_s: float = 8.0


class Patient(ABC):
    """The server under attack, and how it is."""

    def __init__(self, process: psutil.Process, log_path: Path, port: int) -> None:
        self.process = process
        self.port = port
        self._log_path = log_path
        self._log_read = 0

    @abstractmethod
    def serve(self) -> None:
        """The next client finds all it needs."""

    @abstractmethod
    def forget(self) -> None:
        """What the last inputs have made goes."""

    def check(self, after: str) -> None:
        assert not is_gone(self.process), after
        self._check_log(after)
        self.serve()

    async def withstand(self, attack: Attack) -> None:
        """Takes every input, is well after each batch, and keeps its memory."""
        warm: int | None = None
        for batch in range(attack.batches):
            first = batch * attack.inputs_in_batch
            seeds = range(first, first + attack.inputs_in_batch)
            await self._take(attack, seeds)
            self.check(f"inputs {seeds}")
            self.forget()
            if batch == attack.warm_after:
                warm = self.process.memory_info().rss
        assert warm is not None, "no batch after the one that warms"
        grown = self.process.memory_info().rss - warm
        assert grown < attack.may_grow_bytes, grown

    async def _take(self, attack: Attack, seeds: range) -> None:
        left = iter(seeds)

        async def send_next() -> None:
            for seed in left:
                data = attack.input_of(seed)
                try:
                    await asyncio.wait_for(_send(self.port, data, seed), attack.ends_within_s)
                except TimeoutError:
                    pytest.fail(f"input {seed}: the connection does not end")

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(send_next())

    def _check_log(self, after: str) -> None:
        with self._log_path.open("rb") as log:
            log.seek(self._log_read)
            new = log.read().decode(errors="replace")
            self._log_read = log.tell()
        for told in _TOLD_OF_BUGS:
            assert told not in new, f"{after}: {new[max(0, new.index(told) - 300) :][:5000]}"


async def _send(port: int, data: bytes, seed: int) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        # In one piece or in two: what is cut must be put together again.
        cut = random.Random(seed).choice((0, len(data) // 2, max(0, len(data) - 1)))
        writer.write(data[:cut])
        await writer.drain()
        writer.write(data[cut:])
        writer.write_eof()
        while await reader.read(65_536):
            pass
    except OSError:
        # It has closed before everything was sent: reset, or no longer connected.
        pass
    finally:
        writer.close()
