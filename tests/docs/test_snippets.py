"""Every block marked `sh` or `python` is run as it stands, page by page, against a stand.

A page is one shell session: a variable that one block sets, a later one may use. Only addresses
are replaced. The Russian pages have the same blocks (test_languages.py), so they need no run.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from google.protobuf import json_format, message_factory

from stend.shop.delivery.api.grpc.stubs import delivery_pb2
from stend.shop.orders.api.grpc.stubs import orders_pb2
from tests.conftest import STAND_PORTS, LiveStand
from tests.docs.pages import ROOT, all_pages, parse

PAGES = {
    str(path.relative_to(ROOT)): [
        block.code for block in parse(path).blocks if block.language in {"sh", "console"}
    ]
    for path in all_pages()
    if not path.name.endswith(".ru.md")
}
SHELL = {name: [code for code in codes if "grpcurl" not in code] for name, codes in PAGES.items()}
PYTHON = [
    (name, block.code)
    for name in PAGES
    if name.startswith("docs/")
    for block in parse(ROOT / name).blocks
    if block.language == "python"
]
GRPCURL = [code for codes in PAGES.values() for code in codes if "grpcurl" in code]
DESCRIBED = {
    service.full_name: service
    for contract in (orders_pb2, delivery_pb2)
    for service in contract.DESCRIPTOR.services_by_name.values()
}
STARTS = re.compile(r"\./stend (up|down)\b")
TIMEOUT_S = 120


def test_pages_have_snippets() -> None:
    assert {"README.md", "docs/commands.md", "docs/errors.md", "docs/troubleshooting.md"} <= {
        name for name, codes in SHELL.items() if codes
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, codes in SHELL.items() if codes])
def test_snippets_run(name: str, request: pytest.FixtureRequest) -> None:
    if not (shutil.which("bash") and shutil.which("curl")):
        pytest.skip("no bash or no curl here")
    codes = SHELL[name]
    # A page that starts and stops a stand gets one of its own.
    own = any(STARTS.search(code) for code in codes)
    stand: LiveStand = request.getfixturevalue("new_stand" if own else "live_stand")
    script = "\n".join(
        f"echo '-- block {number}' >&2\n{addressed(code, stand)}"
        for number, code in enumerate(codes, 1)
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        cwd=ROOT,
        env=environment(stand),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), PYTHON, ids=[name for name, _ in PYTHON])
def test_program_runs(name: str, code: str, live_stand: LiveStand) -> None:
    done = subprocess.run(
        [sys.executable, "-c", addressed(code, live_stand)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        cwd=ROOT,
        env=environment(live_stand),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def addressed(code: str, stand: LiveStand) -> str:
    for offset in STAND_PORTS:
        code = code.replace(f"127.0.0.1:{8000 + offset}", f"127.0.0.1:{stand.port_base + offset}")
    code = code.replace(".stend/8000", shlex.quote(str(stand.state)))
    return code.replace("./stend ", f"{shlex.quote(sys.executable)} -m stend ")


def environment(stand: LiveStand) -> dict[str, str]:
    # curl must not take the way of a proxy to reach 127.0.0.1.
    proxies = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    return stand.environment(**proxies)


@pytest.mark.parametrize("code", GRPCURL)
def test_grpcurl_names_a_method_and_sends_its_message(code: str) -> None:
    words = shlex.split(code.replace("\\\n", " "))
    assert words[0] == "grpcurl"
    service, _, method = words[-1].rpartition("/")
    described = DESCRIBED[service]
    kind = message_factory.GetMessageClass(described.methods_by_name[method].input_type)
    json_format.ParseDict(json.loads(words[words.index("-d") + 1]), kind())
