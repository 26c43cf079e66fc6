"""Looks at the machine: what the stand needs, what is there, what to do."""

import locale
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from stend.kit.languages import Text
from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.engines import Engine, addresses_of_engines, engines_of, without_wheel
from stend.runtime.hops import hops_of
from stend.runtime.ports import check_free
from stend.runtime.process import find
from stend.runtime.refusals import PortTakenError
from stend.runtime.rows import SERVICES
from stend.runtime.services import ports_of
from stend.runtime.settings import Settings
from stend.runtime.sources import SETTINGS_FILE

_MEGABYTE = 1024 * 1024
# The environment takes half a gigabyte, a used stand's data and logs some hundred megabytes more.
_DISK_NEEDED_BYTES = 1024 * _MEGABYTE
_MEMORY_NEEDED_BYTES = 512 * _MEGABYTE
_DOCKER_TIMEOUT_S = 5
OLDEST_PYTHON = (3, 11)


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: what was found, and what to do where it is not well."""

    name: str
    verdict: Verdict
    found: str
    advice: Text | None = None


def examine(settings: Settings, root: Path) -> list[Finding]:
    looks: list[Callable[[Settings, Path], Finding]] = [
        _python,
        _folder,
        _ports,
        _engines,
        _disk,
        _memory,
        _locale,
        _docker,
    ]
    return [look(settings, root) for look in looks]


def _python(_: Settings, __: Path) -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Finding("python", Verdict.OK, version)
    advice = Text(ru="Нужен Python 3.11 или новее.", en="Python 3.11 or newer is needed.")
    return Finding("python", Verdict.FAILURE, version, advice)


def _folder(_: Settings, root: Path) -> Finding:
    has_file = (root / SETTINGS_FILE).is_file()
    return Finding("folder", Verdict.OK, f"{root}, {'with' if has_file else 'no'} {SETTINGS_FILE}")


def _ports(settings: Settings, root: Path) -> Finding:
    addresses, state = addresses_of(settings), state_of(settings, root)
    engines = engines_of(settings, addresses, state)
    own_ports = ports_of(settings.stand.only or SERVICES, addresses)
    ports = dict(own_ports)
    for engine in engines:
        ports |= engine.listening_ports
    hops = hops_of(settings, addresses, own_ports, addresses_of_engines(engines))
    ports |= {f"tap of {hop.name}": hop.port for hop in hops}
    numbers = ", ".join(str(port) for port in sorted(ports.values()))
    if find(state):
        return Finding("ports", Verdict.OK, f"{numbers}: this stand itself")
    try:
        check_free(settings.stand.host, ports)
    except PortTakenError as error:
        advice = Text(
            ru="Остановите эту программу или выберите другой блок: ./stend up --port-base 9000",
            en="Stop that program or choose another block: ./stend up --port-base 9000",
        )
        return Finding("ports", Verdict.FAILURE, str(error).partition(". ")[0], advice)
    return Finding("ports", Verdict.OK, f"{numbers}: free")


def _engines(settings: Settings, root: Path) -> Finding:
    engines = engines_of(settings, addresses_of(settings), state_of(settings, root))
    missing = without_wheel(engines)
    found = ", ".join(f"{engine.name} {_in_one_word(engine)}" for engine in engines)
    if "postgresql" in missing:
        advice = Text(
            ru="Для этой машины нет пакета с PostgreSQL: укажите свой сервер в postgresql.url.",
            en="There is no PostgreSQL wheel for this machine: set postgresql.url to a server of "
            "yours.",
        )
        return Finding("engines", Verdict.FAILURE, f"{found}; no wheel for postgresql", advice)
    if not missing:
        return Finding("engines", Verdict.OK, found)
    advice = Text(
        ru="Стенд обойдётся и без этих пакетов; как именно, сказано в docs/engines.ru.md.",
        en="The stand does without these wheels; docs/engines.md says how.",
    )
    lacking = ", ".join(missing)
    return Finding("engines", Verdict.WARNING, f"{found}; no wheel for {lacking}", advice)


def _in_one_word(engine: Engine) -> str:
    if engine.missing:
        return "missing"
    return "external" if engine.external else engine.label


def _disk(_: Settings, root: Path) -> Finding:
    # The folder of an installed stand comes with its first start.
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free // _MEGABYTE} MB free"
    if free >= _DISK_NEEDED_BYTES:
        return Finding("disk", Verdict.OK, found)
    advice = Text(ru="Освободите место: нужен гигабайт.", en="Free some space: 1 GB is needed.")
    return Finding("disk", Verdict.WARNING, found, advice)


def _memory(_: Settings, __: Path) -> Finding:
    available = psutil.virtual_memory().available
    found = f"{available // _MEGABYTE} MB available"
    if available >= _MEMORY_NEEDED_BYTES:
        return Finding("memory", Verdict.OK, found)
    advice = Text(
        ru="Закройте лишнее: стенду нужно до 400 МБ.",
        en="Close something: the stand takes up to 400 MB.",
    )
    return Finding("memory", Verdict.WARNING, found, advice)


def _locale(_: Settings, __: Path) -> Finding:
    encoding = locale.getencoding() if hasattr(locale, "getencoding") else "utf-8"
    printed = (sys.stdout.encoding or encoding).lower().replace("-", "")
    if printed == "utf8":
        return Finding("locale", Verdict.OK, encoding)
    advice = Text(
        ru="Вывод не в UTF-8: задайте LANG=C.UTF-8 или PYTHONUTF8=1.",
        en="The output is not UTF-8: set LANG=C.UTF-8 or PYTHONUTF8=1.",
    )
    return Finding("locale", Verdict.WARNING, printed, advice)


def _docker(_: Settings, __: Path) -> Finding:
    # Only real engines in containers want it, so its absence is no failure.
    if shutil.which("docker") is None:
        return Finding("docker", Verdict.OK, "not installed, not needed")
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_DOCKER_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return Finding("docker", Verdict.OK, "installed, its server does not answer; not needed")
    if done.returncode:
        return Finding("docker", Verdict.OK, "installed, its server does not run; not needed")
    return Finding("docker", Verdict.OK, f"server {done.stdout.strip()}")
