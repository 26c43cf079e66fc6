"""`stend serve`: a service of a running stand a second time, and what the command refuses.

All nine, each alone, are in tests/runtime/test_services.py.
"""

import re
import signal
import subprocess
import sys

import httpx
import pytest

from tests.conftest import LiveStand, free_port_base
from tests.waiting import until


@pytest.mark.slow
def test_a_second_orders_shares_the_database_of_the_stand(live_stand: LiveStand) -> None:
    base = free_port_base()
    url = f"postgresql://orders:orders@127.0.0.1:{live_stand.port_base + 10}/lavka"
    alone = LiveStand(live_stand.root, base)
    # Sagas and messages are the stand's: this one takes orders and answers.
    with subprocess.Popen(
        [sys.executable, "-m", "stend", "serve", "orders", "--port-base", str(base)],
        env=live_stand.environment(STEND_ORDERS_DATABASE_URL=url, STEND_ORDERS_SAGAS="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as served:
        with httpx.Client(trust_env=False) as http:

            def answers() -> bool:
                assert served.poll() is None
                try:
                    return http.get(f"{alone.url}/api/v1/orders").status_code == 200
                except httpx.ConnectError:
                    return False

            until(answers)
            done = alone.command("call", "PlaceOrder", "--over", "grpc", "--json")
            (order_id,) = re.findall(r'"order_id": "(\w+)"', done.stdout)
            assert http.get(f"{live_stand.url}/api/v1/orders/{order_id}").status_code == 200
            # No portal and no engine of its own.
            assert http.get(alone.url).status_code == 404
        served.send_signal(signal.SIGTERM)
        assert served.wait(10) == 0
        assert served.stdout is not None
        assert f"127.0.0.1:{base + 1}" in served.stdout.read()
    assert live_stand.status()["ready"]


def test_an_unknown_service_is_exit_code_2(new_stand: LiveStand) -> None:
    done = new_stand.command("serve", "bakery")
    assert (done.returncode, "orders, catalog" in done.stderr) == (2, True)
    assert not new_stand.state.exists()


def test_a_wrong_setting_is_exit_code_2(new_stand: LiveStand) -> None:
    done = new_stand.command("serve", "identity", STEND_AUTH_REQUIRED="yes")
    assert (done.returncode, "STEND_ORDERS_CLIENT_SECRET=" in done.stderr) == (2, True)
