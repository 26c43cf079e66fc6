"""The snippets of the page, pasted into a shell and into Python, against a running stand."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.slow

ORDER_ID = re.compile("ord_[0-9A-Z]{26}")
SOURCE = Path(__file__).parents[2] / "src"
TIMEOUT_S = 30
TOOLS = ("curl", "httpx", "grpcurl", "grpc")
NASTY = 'д\'Арт "x" $(id)'


@pytest.fixture
def page(stand_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stand_url, trust_env=False) as client:
        yield client


def code_of(page: httpx.Client, tool: str, fields: dict[str, str]) -> str:
    html = page.get("/playground?" + urlencode({"protocol": "rest", **fields})).text
    found = BeautifulSoup(html, "html.parser").select_one(f"#text-{tool}")
    assert found is not None
    return found.get_text()


def ran(tool: str, code: str, folder: Path) -> str:
    if tool in {"curl", "grpcurl"}:
        if not (shutil.which("sh") and shutil.which(tool)):
            pytest.skip(f"no {tool} here")
        command = ["sh", "-c", code]
    else:
        script = folder / "snippet.py"
        script.write_text(code, encoding="utf-8")
        command = [sys.executable, str(script)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, f"{code}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("tool", TOOLS)
def test_snippets_do_what_the_page_does(page: httpx.Client, tool: str, tmp_path: Path) -> None:
    placing = {"operation": "PlaceOrder", "address.city": NASTY, "address.comment": "`a` \\ n % 🥛"}
    placed = ran(tool, code_of(page, tool, placing), tmp_path)
    found = ORDER_ID.search(placed)
    assert found is not None, placed
    assert "д'Арт" in placed
    order = {"order_id": found.group()}
    read = ran(tool, code_of(page, tool, {"operation": "GetOrder", **order}), tmp_path)
    assert order["order_id"] in read
    listed = ran(tool, code_of(page, tool, {"operation": "ListOrders", "limit": "3"}), tmp_path)
    assert order["order_id"] in listed
    cancelling = {"operation": "CancelOrder", "reason": 'Передумал, "совсем"', **order}
    assert "Передумал" in ran(tool, code_of(page, tool, cancelling), tmp_path)
    # Cancelled, so the stream ends by itself.
    tracked = ran(tool, code_of(page, tool, {"operation": "TrackOrder", **order}), tmp_path)
    assert "Передумал" in tracked
