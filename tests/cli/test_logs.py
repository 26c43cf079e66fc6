"""Lines of many formats, in one order: that of their times."""

import time
from collections.abc import Iterator

import pytest

from stend.cli.logs import _moment_of, _timed

STAND = '{"time": "2026-11-23T10:00:00.120Z", "level": "info"}'


@pytest.fixture(params=["UTC", "Europe/Moscow", "America/New_York"])
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """This machine in another time zone."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize(
    "line",
    [
        "%Y-%m-%d %H:%M:%S.120 %Z [7] LOG:  ready",
        "4711:M %d %b %Y %H:%M:%S.120 * Ready to accept connections",
        "%Y-%m-%d %H:%M:%S,120 INFO AMQP on 127.0.0.1:8014",
        "%Y-%m-%d %H:%M:%S,120 INFO Kafka on 127.0.0.1:8015",
    ],
    ids=["postgresql", "redis", "rabbitmq", "kafka"],
)
def test_a_servers_local_time_is_brought_to_that_of_the_stand(here: str, line: str) -> None:
    assert here
    written = time.strftime(line, time.localtime(1_795_428_000))
    assert _moment_of(written) == _moment_of(STAND) == "2026-11-23T10:00:00.120+00:00"


def test_nginx_tells_whole_seconds(here: str) -> None:
    assert here
    written = time.strftime("%Y/%m/%d %H:%M:%S [notice] 7#7: start", time.localtime(1_795_428_000))
    assert _moment_of(written) == "2026-11-23T10:00:00.000+00:00"


@pytest.mark.parametrize(
    "line", ["", "Traceback (most recent call last):", "9999-99-99 99:99:99.999 UTC no such day"]
)
def test_a_line_without_a_time_stays_with_the_one_before(line: str) -> None:
    assert _moment_of(line) is None
    assert [moment for moment, _ in _timed([STAND, line])] == [_moment_of(STAND)] * 2
