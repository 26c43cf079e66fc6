"""Launches one engine alone, prints the seconds until its first answer, stops it.

python -m bench.engine_alone ENGINE HOME PORT_BASE cold|warm
"""

import sys
import time
from pathlib import Path

from bench.broker import answers
from stend.runtime.addresses import addresses_of
from stend.runtime.engines import Launcher, engines_of
from stend.runtime.settings import parse

PROBE_EVERY_S = 0.01


def main(engine: str, home: Path, port_base: int, cold: bool) -> None:
    launcher = launcher_of(engine, home, port_base)
    if cold:
        launcher.erase()
    started = time.perf_counter()
    launcher.launch()
    while not answers(launcher):
        time.sleep(PROBE_EVERY_S)
    print(time.perf_counter() - started)
    launcher.stop()


def launcher_of(engine: str, home: Path, port_base: int) -> Launcher:
    settings = parse({"stand.port_base": port_base}, {}, {})
    for one in engines_of(settings, addresses_of(settings), home):
        if one.name == engine and one.launcher:
            return one.launcher
    raise LookupError(f"no engine {engine!r} on this machine")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "cold")
