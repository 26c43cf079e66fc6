"""The real NGINX from the wheel: started, stopped, killed, by root and by ordinary users."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from stend.engines.nginx.binaries import BinariesMissingError, nginx_binary, version_of
from stend.engines.nginx.config import Gateway, nginx_conf
from stend.engines.nginx.launcher import NginxLauncher
from tests.conftest import PROJECT
from tests.engines.nginx.running import Today, config_in, running
from tests.engines.nginx.upstreams import http_server
from tests.engines.servers import HOST, free_port, is_gone, needs_root, process_of
from tests.folders import open_folder
from tests.waiting import until

pytestmark = pytest.mark.slow


def processes_of(pid_file: Path) -> list[psutil.Process]:
    master = process_of(pid_file)
    return [master, *until(master.children)]


def test_master_and_worker_run_and_leave_nothing_behind(tmp_path: Path) -> None:
    config = config_in(tmp_path / "стенд с пробелом")
    with running(config) as gateway:
        assert gateway.launcher.probe() == version_of(nginx_binary())
        assert 1_000_000 < (gateway.launcher.pss_bytes() or 0) < 50_000_000
        processes = processes_of(config.home / "nginx.pid")
        assert len(processes) == 2
        kept = gateway.launcher.ca_path.read_bytes()
    assert [process for process in processes if not is_gone(process)] == []
    assert not (config.home / "nginx.pid").exists()
    with running(config) as gateway:
        assert gateway.launcher.ca_path.read_bytes() == kept


def test_a_stop_does_not_wait_for_streams(tmp_path: Path) -> None:
    with http_server() as behind:
        config = config_in(tmp_path, behind.server_address[1])
        with (
            running(config) as gateway,
            httpx.Client(trust_env=False) as client,
            client.stream("GET", f"{gateway.url}/events") as stream,
        ):
            assert next(stream.iter_lines()) == "data: one"
            master = process_of(config.home / "nginx.pid")
            gateway.launcher.stop()
            assert is_gone(master)
            # By itself: a killed one leaves the file behind.
            assert not (config.home / "nginx.pid").exists()


def test_a_server_left_over_is_ended(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config):
        left_over = processes_of(config.home / "nginx.pid")
        with running(config) as second:
            assert [process for process in left_over if not is_gone(process)] == []
            assert second.launcher.failure() is None


def test_workers_whose_master_was_killed_are_ended(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config) as killed:
        master, *workers = processes_of(config.home / "nginx.pid")
        master.kill()
        assert "ended with code -9" in str(until(killed.launcher.failure))
        assert all(worker.is_running() for worker in workers)
        with running(config):
            assert [worker for worker in workers if not is_gone(worker)] == []


def test_erase_ends_it_and_forgets_the_authority(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config):
        processes = processes_of(config.home / "nginx.pid")
        NginxLauncher(config, Today()).erase()
        assert [process for process in processes if not is_gone(process)] == []
        assert not config.home.exists()


def test_a_taken_port_is_told_and_the_stranger_is_not_the_gateway(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    launcher = NginxLauncher(config, Today())
    strangers = [socket.create_server((HOST, config.http_port))]
    strangers.append(socket.create_server((HOST, config.https_port)))
    launcher.launch()
    try:
        with pytest.raises(OSError, match=r"nginx\.pid"):
            launcher.probe()
        reason = until(launcher.failure)
    finally:
        launcher.stop()
        for stranger in strangers:
            stranger.close()
    assert f"bind() to {HOST}:" in str(reason)
    assert "Address" in str(reason)


def test_a_changed_configuration_of_the_stand_is_used(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    with running(config):
        pass
    with http_server() as behind:
        moved = config_in(tmp_path, behind.server_address[1])
        with running(moved) as gateway, httpx.Client(trust_env=False) as client:
            assert client.get(gateway.url).status_code == 200


@needs_root
def test_a_folder_that_only_root_may_enter_works(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with http_server() as behind:
        config = config_in(closed, behind.server_address[1])
        with running(config) as gateway, httpx.Client(trust_env=False) as client:
            # Large enough to be written to a temporary file.
            body = b"x" * 1024 * 1024
            assert client.post(gateway.url, content=body).json()["body_bytes"] == len(body)


_AS_ORDINARY_USER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
import psutil
from stend.engines.nginx.launcher import NginxConfig, NginxLauncher
class Clock:
    def now(self):
        return datetime.now(UTC)
home = Path(sys.argv[1])
ports = [int(port) for port in sys.argv[2:]]
behind = "127.0.0.1:1"
config = NginxConfig(home, home.with_suffix(".log"), "127.0.0.1", *ports, behind, behind, behind)
launcher = NginxLauncher(config, Clock())
launcher.launch()
deadline = time.monotonic() + 20
while True:
    try:
        launcher.probe()
        break
    except OSError:
        assert launcher.failure() is None and time.monotonic() < deadline
master = psutil.Process(int((home / "nginx.pid").read_text()))
print({process.uids().effective for process in (master, *master.children())})
launcher.stop()
"""


@needs_root
def test_an_ordinary_user_runs_it_as_himself() -> None:
    # The interpreter of the environment may stand in root's home; the system's may be used. The
    # binary of the wheel may not, so a copy of the package is.
    name = f"python3.{sys.version_info.minor}"
    python = shutil.which(name, path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip(f"no {name} that an ordinary user may run")
    uid = pwd.getpwnam("nobody").pw_uid
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    with open_folder() as folder:
        home = folder / "home"
        home.mkdir()
        os.chown(home, uid, uid)
        done = subprocess.run(
            [python, "-c", _AS_ORDINARY_USER, home / "nginx", str(free_port()), str(free_port())],
            env={"PYTHONPATH": f"{PROJECT / 'src'}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=home,
            user=uid,
            group=uid,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        log = (home / "nginx.log").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{{{uid}}}\n"
    assert log == ""


def test_a_program_that_is_no_nginx_is_told() -> None:
    with pytest.raises(OSError, match="said"):
        version_of(Path(sys.executable))


def test_without_a_wheel_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stend.engines.nginx.binaries._WHEEL", "no_such_wheel")
    with pytest.raises(BinariesMissingError, match=r"nginx\.gateway=off"):
        nginx_binary()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "localhost"])  # noqa: S104
@pytest.mark.parametrize("run_as", [None, ("root", "root")])
def test_nginx_accepts_every_configuration(
    tmp_path: Path, host: str, run_as: tuple[str, str] | None
) -> None:
    with running(config_in(tmp_path)) as gateway:
        home = gateway.config.home
    text = nginx_conf(
        Gateway(host, 8080, 8443, f"{HOST}:8000", "[::1]:8001", f"{HOST}:8002", run_as)
    )
    (home / "other.conf").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [nginx_binary(), "-t", "-q", "-p", home, "-c", "other.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
