"""The real server from the wheel: started, stopped, killed, and its data still there."""

import socket
import threading
from pathlib import Path

import pytest
import redis

from stend.engines.redis.launcher import LIMITATIONS, RedisConfig, RedisLauncher
from tests.engines.redis.running import Client, client_of, config_in, running
from tests.engines.servers import HOST, is_gone, process_of
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def config(tmp_path: Path) -> RedisConfig:
    """In a folder with a space and Cyrillic letters in its name."""
    return config_in(tmp_path / "стенд с пробелом")


def test_it_is_the_real_server_with_its_own_version(config: RedisConfig) -> None:
    with running(config) as launcher, client_of(config) as client:
        assert launcher.is_real
        assert launcher.limitations is LIMITATIONS
        assert launcher.probe() == client.info("server")["valkey_version"]
        assert launcher.probe().startswith("9.")


def test_memory_is_measured_and_bounded(config: RedisConfig) -> None:
    with running(config) as launcher, client_of(config) as client:
        assert 1_000_000 < (launcher.pss_bytes() or 0) < 50_000_000
        settings = client.config_get("maxmemory*")
        assert settings["maxmemory"] == str(128 * 1024 * 1024)
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["maxmemory-clients"] == str(64 * 1024 * 1024)


def test_a_full_server_refuses_writes_and_forgets_nothing(config: RedisConfig) -> None:
    block = "x" * (8 * 1024 * 1024)
    with running(config), client_of(config) as client:
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            _fill(client, block)
        kept = client.dbsize()
        assert kept >= 10
        assert client.strlen("block-0") == len(block)
        client.delete("block-0")
        client.set("small", "fits again")


def _fill(client: Client, block: str) -> None:
    for number in range(32):
        client.set(f"block-{number}", block)


def test_data_survives_a_stop_and_a_kill(config: RedisConfig) -> None:
    with running(config), client_of(config) as client:
        client.set("stopped", "kept")
    with running(config) as launcher, client_of(config) as client:
        assert client.get("stopped") == "kept"
        client.rpush("killed", *range(1000))
        process_of(config.home / "server.pid").kill()
        assert "ended with code -9" in str(until(launcher.failure))
    with running(config), client_of(config) as client:
        assert client.get("stopped") == "kept"
        assert client.lrange("killed", 0, -1) == [str(number) for number in range(1000)]


def test_a_log_torn_at_its_end_is_read_up_to_there(config: RedisConfig) -> None:
    with running(config), client_of(config) as client:
        for number in range(100):
            client.set(f"key-{number}", "value")
    (log,) = (config.home / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(log.read_bytes()[:-5])
    with running(config), client_of(config) as client:
        assert client.dbsize() == 99


def test_a_stop_does_not_wait_for_clients(config: RedisConfig) -> None:
    with running(config) as launcher, client_of(config) as client:
        process = process_of(config.home / "server.pid")
        client.ping()
        launcher.stop()
        assert is_gone(process)
        # It ended by itself, with everything written, rather than by a kill.
        assert "bye bye" in config.log_path.read_text(encoding="utf-8").splitlines()[-1]
    assert not (config.home / "server.pid").exists()


def test_a_server_left_over_is_ended_and_its_data_kept(config: RedisConfig) -> None:
    with running(config), client_of(config) as client:
        client.set("before", "kept")
        left_over = process_of(config.home / "server.pid")
        with running(config) as second, client_of(config) as again:
            assert is_gone(left_over)
            assert again.get("before") == "kept"
            assert second.failure() is None


def test_erase_ends_it_and_forgets_everything(config: RedisConfig) -> None:
    with running(config), client_of(config) as client:
        client.set("before", "gone")
        process = process_of(config.home / "server.pid")
        eraser = RedisLauncher(config)
        eraser.erase()
        assert is_gone(process)
        assert not config.home.exists()
    with running(config), client_of(config) as client:
        assert client.dbsize() == 0


def test_a_taken_port_is_told(config: RedisConfig) -> None:
    with socket.create_server((HOST, config.port)):
        launcher = RedisLauncher(config)
        launcher.launch()
        reason = until(launcher.failure)
    assert reason is not None
    assert f"Failed listening on port {config.port}" in reason
    launcher.stop()


def test_a_stranger_on_the_port_is_not_taken_for_the_server(
    config: RedisConfig, tmp_path: Path
) -> None:
    other = RedisConfig(tmp_path / "other", tmp_path / "other.log", HOST, config.port)
    with running(other):
        launcher = RedisLauncher(config)
        launcher.launch()
        with pytest.raises(OSError, match="is not the server that was started"):
            launcher.probe()
        launcher.stop()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n", b"-LOADING\r\n", b"", b"$x\r\n"]
)
def test_whoever_is_no_redis_is_not_ready(config: RedisConfig, answer: bytes) -> None:
    with socket.create_server((HOST, 0)) as stranger:
        port: int = stranger.getsockname()[1]
        launcher = RedisLauncher(RedisConfig(config.home, config.log_path, HOST, port))
        stranger.settimeout(5)
        with pytest.raises(OSError, match="INFO was answered with"):
            _probe_while(stranger, answer, launcher)


def _probe_while(stranger: socket.socket, answer: bytes, launcher: RedisLauncher) -> None:
    def serve() -> None:
        connection, _ = stranger.accept()
        with connection:
            connection.recv(1024)
            connection.sendall(answer)

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        launcher.probe()
    finally:
        serving.join()
