"""The names that the management's HTTP answers to: a page of anybody's may ask for any of them."""

import dataclasses
import http.client
from pathlib import Path

import pytest

from tests.engines.amqp.running import config_in, running
from tests.engines.servers import HOST

pytestmark = pytest.mark.slow


def status_of(port: int, host: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/api/overview", headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def test_names_that_were_given_are_answered_to_and_no_others(tmp_path: Path) -> None:
    config = dataclasses.replace(config_in(tmp_path), names=("lavka.example", "[fd00::7]"))
    with running(config):
        port = config.management_port
        for known in (f"{HOST}:{port}", "localhost", f"lavka.example:{port}", "[fd00::7]"):
            # Who has said his name is asked for a password.
            assert status_of(port, known) == 401
        assert status_of(port, "evil.example") == 403
