"""Rules and dashboards by the tools that read them; each query by a Prometheus on a busy stand.

The stand works on the real engines, because exporters and the broker's own plugin need them.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from monitoring_queries import DASHBOARDS, RULES, all_queries
from monitoring_servers import (
    CONFIGURATION,
    Prometheus,
    exporters,
    process,
    prometheus,
    real_engines,
)
from tools import HOME, ROOT, CheckError, Tool, found, run, stand

NAME = "monitoring"
PACKAGES = (
    "prometheus",
    "prometheus-mysqld-exporter",
    "prometheus-postgres-exporter",
    "prometheus-redis-exporter",
)
TOOLS: tuple[Tool, ...] = ()
_TESTS = ROOT / "deploy" / "prometheus" / "tests"
_READER = Path(__file__).resolve().parent / "grafana-go"
_PORT_BASE = 21_000
_CUSTOMERS_A_SECOND = "8"
_WITHIN_S = 90.0
_LOOK_EVERY_S = 1.0
_TOLD = 20


def check() -> str:
    """
    Raises:
        CheckError: promtool or Grafana's types find something, or a query has no data.
    """
    # While the engines start, one core is free.
    with ThreadPoolExecutor(1) as beside:
        files = beside.submit(_files_hold)
        asked = _queries_hold()
        tests = files.result()
    return f"{tests} files of tests of the rules, {asked} queries with data from a real Prometheus"


def _files_hold() -> int:
    promtool = found("promtool")
    tests = sorted(_TESTS.glob("*.yml"))
    run([promtool, "check", "config", CONFIGURATION])
    # Without --lint-fatal a rule that stands there twice is a remark.
    run([promtool, "check", "rules", "--lint-fatal", *sorted(RULES.glob("*.yml"))])
    run([promtool, "test", "rules", *tests])
    reader = HOME / "grafana-go"
    run(["go", "build", "-o", reader, "."], folder=_READER, environment={"CGO_ENABLED": "0"})
    run([reader, *sorted(DASHBOARDS.glob("*/*.json"))])
    return len(tests)


def _queries_hold() -> int:
    queries = all_queries()
    with contextlib.ExitStack() as running:
        # Servers that root starts run as others, who have to get there.
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="monitoring-")))
        engines = running.enter_context(real_engines(folder / "engines"))
        options = ("--engines", "external", "--no-tap")
        url = running.enter_context(
            stand(_PORT_BASE, *options, state=folder / "stand", environment=engines)
        )
        running.enter_context(_traffic(folder))
        at = {
            **running.enter_context(exporters(engines, folder)),
            "rabbitmq": engines["RABBITMQ_METRICS"],
            "shop": url.removeprefix("http://"),
        }
        scraping = running.enter_context(
            prometheus({job: [address] for job, address in at.items()}, folder)
        )
        _until_all_have_data(scraping, url, queries)
        if troubles := scraping.troubles():
            raise CheckError("\n".join(troubles))
    return sum(len(places) for places in queries.values())


@contextlib.contextmanager
def _traffic(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "stend", "traffic", "--profile", "steady"]
    command += ["--rate", _CUSTOMERS_A_SECOND, "--port-base", str(_PORT_BASE)]
    with process(command, folder, {}):
        yield


def _until_all_have_data(
    scraping: Prometheus, url: str, queries: Mapping[str, Sequence[str]]
) -> None:
    waiting = list(queries)
    deadline = time.monotonic() + _WITHIN_S
    while waiting:
        _look_around(url)
        waiting = [expression for expression in waiting if not scraping.data(expression)]
        if waiting and time.monotonic() > deadline:
            told = [f"{one}\n  in {'; '.join(queries[one])}" for one in waiting[:_TOLD]]
            raise CheckError("\n".join([f"{len(waiting)} queries have no data:", *told]))
        time.sleep(_LOOK_EVERY_S)


def _look_around(url: str) -> None:
    """What customers of the traffic do not: read the catalogue, ask for what is not there."""
    for path in ("/api/v1/catalog/products", "/api/v1/orders/ord_00000000000000000000000000"):
        httpx.get(url + path, timeout=10, trust_env=False)
