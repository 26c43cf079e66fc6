"""Addresses of the engines under test, and what the marks of a check mean."""

import os
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from stend.kit.languages import Text
from tests.conftest import LiveStand
from tests.engines.suite import results, versions
from tests.engines.suite.checks import Engines

SUITE = Path(__file__).parent
SCRIPT = "scripts/real-engines/real-engines"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "check(title): a check of the behaviour suite")
    config.addinivalue_line(
        "markers", "differs(engines, reason, raises): fails, as is known, on these engines"
    )


def engines_of(config: pytest.Config) -> Engines:
    return Engines(config.getoption("--engines"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if SUITE in item.path.parents:
            _demand_title(item)
            for mark in item.iter_markers("differs"):
                engines, reason, raises = mark.args
                if engines is engines_of(config):
                    item.add_marker(pytest.mark.xfail(raises=raises, reason=reason.en, strict=True))


def _demand_title(item: pytest.Item) -> None:
    mark = item.get_closest_marker("check")
    if mark is None or not isinstance(mark.args[0], Text):
        raise pytest.UsageError(f"{item.nodeid} has no title: write @check(ru=…, en=…) above it")


@pytest.fixture(scope="session")
def engines(pytestconfig: pytest.Config) -> Engines:
    return engines_of(pytestconfig)


@pytest.fixture
def name() -> str:
    """A prefix that no other check uses, for keys, queues and schemas."""
    return f"suite-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def postgresql_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return _url_of(request, engines, "postgresql", "url")


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return _url_of(request, engines, "redis", "url")


@pytest.fixture(scope="session")
def amqp_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return _url_of(request, engines, "rabbitmq", "url")


@pytest.fixture(scope="session")
def amqp_management_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    """http://lavka:lavka@127.0.0.1:PORT, with the user and the password and no slash at the end."""
    url = urlsplit(_url_of(request, engines, "rabbitmq", "management").rstrip("/"))
    return url._replace(netloc="lavka:lavka@" + url.netloc.rpartition("@")[2]).geturl()


@pytest.fixture(scope="session")
def mysql_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return _url_of(request, engines, "mysql", "url")


@pytest.fixture(scope="session")
def mongodb_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return _url_of(request, engines, "mongodb", "url")


@pytest.fixture(scope="session")
def kafka_url(request: pytest.FixtureRequest, engines: Engines) -> str:
    return _url_of(request, engines, "kafka", "url")


_VARIABLES = {
    ("postgresql", "url"): "STEND_POSTGRESQL_URL",
    ("redis", "url"): "STEND_REDIS_URL",
    ("rabbitmq", "url"): "STEND_AMQP_URL",
    ("rabbitmq", "management"): "STEND_AMQP_MANAGEMENT_URL",
    ("kafka", "url"): "STEND_KAFKA_URL",
    ("mysql", "url"): "STEND_MYSQL_URL",
    ("mongodb", "url"): "STEND_MONGODB_URL",
}


def _url_of(request: pytest.FixtureRequest, engines: Engines, engine: str, which: str) -> str:
    variable = _VARIABLES[engine, which]
    if engines is Engines.EXTERNAL:
        return environment(variable)
    if variable in os.environ:
        # The stand would take that server for its own, and nothing embedded would be checked.
        pytest.fail(f"{variable} is set: unset it, or say --engines external", pytrace=False)
    facts = _facts_of(request, engine)
    if which == "url":
        return str(facts["url"])
    return next(str(one["url"]) for one in facts["also_at"] if one["protocol"] == which)


def _facts_of(request: pytest.FixtureRequest, engine: str) -> dict[str, Any]:
    """What `stend status` says about an engine of the session's stand."""
    stand: LiveStand = request.getfixturevalue("live_stand")
    facts: dict[str, Any] = next(one for one in stand.status()["engines"] if one["name"] == engine)
    return facts


def environment(variable: str) -> str:
    """What a variable says about a real server; without it the check fails: nothing is compared."""
    value = os.environ.get(variable)
    if not value:
        pytest.fail(
            f"{variable} is not set, so there is no real server to check. Start the servers and "
            f"run the suite beside them: {SCRIPT} run -- ./stend test --engines external",
            pytrace=False,
        )
    return value


@pytest.fixture(scope="session", autouse=True)
def told_versions(pytestconfig: pytest.Config) -> set[str]:
    """The roles whose server has told its version to the table of `stend parity`."""
    return set()


@pytest.fixture(autouse=True)
def version_is_told(request: pytest.FixtureRequest, told_versions: set[str]) -> None:
    role = request.path.relative_to(SUITE).parts[0]
    if request.config.pluginmanager.has_plugin(results.PLUGIN) and role not in told_versions:
        told_versions.add(role)
        results.tell_version(request.config, role, _version(request, role))


def _version(request: pytest.FixtureRequest, role: str) -> str:
    if role == "postgresql":
        return versions.postgresql(request.getfixturevalue("postgresql_url"))
    if role == "redis":
        return versions.redis_server(request.getfixturevalue("redis_url"))
    if role == "rabbitmq":
        return versions.rabbitmq(request.getfixturevalue("amqp_url"))
    if role == "mysql":
        return versions.mysql(request.getfixturevalue("mysql_url"))
    if role == "mongodb":
        return versions.mongodb(request.getfixturevalue("mongodb_url"))
    if role == "kafka":
        if engines_of(request.config) is Engines.EMBEDDED:
            # Ours claims no release of Kafka's to its clients.
            return str(_facts_of(request, role)["version"])
        return versions.kafka(request.getfixturevalue("kafka_url"))
    return str(request.getfixturevalue("gateway").version)
