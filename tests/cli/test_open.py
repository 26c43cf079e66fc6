"""`stend open`: a session file in a process of its own, without a stand."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from stend.kit.languages import Language
from tests.fakes.sessions import FAULT, SAVED_AT, written
from tests.reader import environment, reading

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "a.stend.zip", FAULT)


def said(*words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    """What a command prints that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "stend", "open", *words, "--lang", lang],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_file_on_a_free_port_until_it_is_told_to_end(
    path: Path, number: signal.Signals
) -> None:
    with reading(path) as reader:
        told = dict(reader.told)
        assert told.pop("url").startswith("http://127.0.0.1:")
        assert told == {
            "path": str(path),
            "saved_at": SAVED_AT,
            "stend": "0.1.0",
            "exchanges": 1,
            "traces": 1,
            "faults": [FAULT],
        }
        page = httpx.get(f"{reader.url}/exchanges/c1.1")
        assert (page.status_code, "/soap/bank" in page.text) == (200, True)
        traces = httpx.get(f"{reader.url}/stand/traces").json()["traces"]
        assert [one["spans"] for one in traces] == [3]
        # Whoever follows what will never come keeps nothing open.
        with httpx.stream("GET", f"{reader.url}/stand/tap/stream") as stream:
            assert stream.status_code == 200
            assert reader.ended(number) == (0, "")


def test_a_page_of_somebody_else_is_refused(path: Path) -> None:
    with reading(path) as reader:
        answer = httpx.get(reader.url, headers={"Host": "evil.example"})
        assert answer.status_code == 403
        assert "allowed_hosts" not in answer.text
        origin = {"Origin": "http://evil.example"}
        assert httpx.post(f"{reader.url}/stand/tap", headers=origin).status_code == 403


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            Language.EN,
            [
                "Session of 2026-11-18 10:02:00 UTC, stend 0.1.0: 1 exchanges, 1 traces.",
                "A fault was set: Latency on orders:payments, seed 424242.",
                "Pages: http://127.0.0.1:",
                "Read only. Ctrl-C closes it.",
            ],
        ),
        (
            Language.RU,
            [
                "Сессия от 2026-11-18 10:02:00 UTC, stend 0.1.0: обменов — 1, трасс — 1.",
                "Стоял сбой: Задержка на orders:payments, зерно 424242.",
                "Страницы: http://127.0.0.1:",
                "Только чтение. Ctrl-C — закрыть.",
            ],
        ),
    ],
)
def test_to_a_person_it_tells_what_the_file_holds(
    path: Path, language: Language, told: list[str]
) -> None:
    words = [sys.executable, "-m", "stend", "open", str(path), "--lang", language]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment()
    ) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline().strip() for _ in told]
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
    for line, begins in zip(lines, told, strict=True):
        assert line.startswith(begins)


def test_what_cannot_be_opened_is_exit_code_2_in_both_languages(tmp_path: Path, path: Path) -> None:
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(path.read_bytes()[:-40])
    for words, en, ru in (
        ((str(tmp_path / "none.zip"),), "No such file", "не открыть"),
        (("/dev/null",), "no session of stend", "не сессия"),
        ((str(damaged),), "is damaged", "повреждён"),
        ((str(path), "--port", "70000"), "no port 70000", "Порта 70000 нет"),
    ):
        for lang, told in (("en", en), ("ru", ru)):
            done = said(*words, lang=lang)
            assert (done.returncode, told in done.stderr) == (2, True), (words, done.stderr)
            assert "Traceback" not in done.stderr
            assert done.stdout == ""


def test_a_taken_port_is_named_with_who_has_it(path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = said(str(path), "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "Choose another --port" in done.stderr
