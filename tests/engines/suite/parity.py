"""Runs the suite and the shop on the embedded engines and on real servers; lays both side by side.

    python -m tests.engines.suite.parity

prints the table as JSON, in the format of docs/parity.json.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.engines.suite.checks import Engines
from tests.engines.suite.results import PLUGIN, SUITE
from tests.engines.suite.shop import SHOP

ROOT = SUITE.parent.parent.parent
ADDRESSES = (
    "STEND_POSTGRESQL_URL",
    "STEND_REDIS_URL",
    "STEND_AMQP_URL",
    "STEND_AMQP_MANAGEMENT_URL",
    "STEND_KAFKA_URL",
    "STEND_MYSQL_URL",
    "STEND_MONGODB_URL",
    "REAL_NGINX",
)
# In the order of the docs.
_ROLES = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka", "nginx")
# When the parameters of one check went differently, the worst counts.
_BAD_FIRST = ("fail", "skip", "differs", "pass")

Line = Mapping[str, Any]


def main() -> int:
    """0: the table was made, whatever is in it; 2: a run has not come to its end."""
    if missing := [variable for variable in ADDRESSES if not os.environ.get(variable)]:
        print(f"no address of a real server in {', '.join(missing)}", file=sys.stderr)
        return 2
    lines = {engines: run(engines) for engines in Engines}
    print(json.dumps(table(lines), ensure_ascii=False, indent=1))
    return 0


def run(engines: Engines) -> list[Line]:
    """What the plugin has written; what pytest says goes to stderr."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.jsonl")
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", PLUGIN]
        command += ["--suite-results", str(results), "--engines", engines, str(SUITE)]
        command += [str(ROOT / "tests" / path) for path in SHOP]
        done = subprocess.run(
            command, cwd=ROOT, stdout=sys.stderr, env=environment(engines), check=False
        )
        # 1 is a check that failed, which the table shows; more than 1 is a broken run.
        if done.returncode > 1:
            sys.exit(2)
        return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def environment(engines: Engines) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    drop = ADDRESSES if engines is Engines.EMBEDDED else ()
    return {k: v for k, v in os.environ.items() if k not in drop} | {"PYTHONPATH": path}


def table(lines: Mapping[Engines, Iterable[Line]]) -> dict[str, Any]:
    """The two runs side by side, in the format of docs/parity.json."""
    embedded, real = (list(lines[engines]) for engines in Engines)
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "roles": [role(name, embedded, real) for name in _ROLES],
        "shop": [shop(path, embedded, real) for path in SHOP],
    }


def shop(path: str, embedded: list[Line], real: list[Line]) -> dict[str, Any]:
    """How the tests of one file went on each side, and the sums of what they have recorded."""
    return {
        "name": path,
        "title": {"ru": SHOP[path].ru, "en": SHOP[path].en},
        "embedded": went(path, embedded),
        "real": went(path, real),
    }


def went(path: str, lines: Iterable[Line]) -> dict[str, Any]:
    found = [line for line in lines if line.get("shop") == path]
    figures: Counter[str] = Counter()
    for line in found:
        figures.update(line["figures"])
    passed = sum(line["outcome"] == "pass" for line in found)
    return {"tests": len(found), "passed": passed, "figures": dict(figures)}


def role(name: str, embedded: list[Line], real: list[Line]) -> dict[str, Any]:
    here, there = checks(name, embedded), checks(name, real)
    # Files by name, whatever their order in the run.
    found = sorted({**here, **there}, key=lambda check: check.partition("::")[0])
    return {
        "role": name,
        "embedded": version(name, embedded),
        "real": version(name, real),
        "checks": [row(here.get(check), there.get(check)) for check in found],
    }


def row(embedded: Line | None, real: Line | None) -> dict[str, Any]:
    """A check that one of the runs has not met failed there."""
    one = embedded or real
    assert one is not None
    here = {"pass": "pass", "differs": "refused"}.get(outcome(embedded), "fail")
    there = {"pass": "pass", "differs": "differs"}.get(outcome(real), "fail")
    return {
        "name": one["name"],
        "title": one["title"],
        "embedded": here,
        "real": there,
        "reason": one["reason"] if here == "refused" or there == "differs" else None,
    }


def outcome(line: Line | None) -> str:
    return str(line["outcome"]) if line else "fail"


def checks(role: str, lines: Iterable[Line]) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for line in lines:
        if line.get("role") == role and "name" in line:
            before = found.get(line["name"], line)
            found[line["name"]] = min(
                before, line, key=lambda one: _BAD_FIRST.index(one["outcome"])
            )
    return found


def version(role: str, lines: Iterable[Line]) -> str | None:
    told = [line["version"] for line in lines if line.get("role") == role and "version" in line]
    return told[0] if told else None


def machine() -> str:
    """The system, its Python and its processors; no names of anybody's machine."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = platform.system()
    python = platform.python_version()
    return f"{system}, {platform.machine()}, {os.cpu_count()} CPU, Python {python}"


if __name__ == "__main__":
    sys.exit(main())
