"""The files for Postman, REST Client, httpYac and Bruno, against a stand of their own."""

import json
import os
import re
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import ROOT, CheckError, NpmTool, run, stand

NAME = "clients"
PACKAGES: tuple[str, ...] = ()
_NEWMAN = NpmTool("newman", "newman", "6.2.2")
_HTTPYAC = NpmTool("httpyac", "httpyac", "6.16.7")
_BRUNO = NpmTool("bru", "@usebruno/cli", "4.1.0")
# Bruno's command weighs 270 MB, and its files have the same source: it runs at length only.
_AT_LENGTH = bool(os.environ.get("LONG_TESTS"))
TOOLS = (_NEWMAN, _HTTPYAC, _BRUNO) if _AT_LENGTH else (_NEWMAN, _HTTPYAC)
_CLIENTS = ROOT / "clients"
_PORT_BASE = 24000
# As the files have them: of the default block of ports.
_ADDRESS = re.compile(r"127\.0\.0\.1:8(\d{3})")
# What Postman's own library has not understood of a collection: it tells the parts of a URL and
# leaves out empty lists.
_SDK = """
const { Collection } = require(process.argv[1]);
const given = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const walk = (mine, theirs, at) => Object.entries(mine ?? {}).forEach(([name, value]) => {
  if (name === 'raw' && 'host' in mine || Array.isArray(value) && !value.length) return;
  if (theirs?.[name] === undefined) console.log(`${at}/${name}`);
  else if (typeof value === 'object') walk(value, theirs[name], `${at}/${name}`);
});
walk(given, new Collection(given).toJSON(), '');
"""


def check() -> str:
    """
    Raises:
        CheckError: a request was answered otherwise than the files tell.
    """
    with tempfile.TemporaryDirectory() as folder, stand(_PORT_BASE, state=Path(folder) / "state"):
        asserted = _newman("ru")
        files = _moved_files(Path(folder) / "http")
        # Nothing that one of them changes is looked at by the other.
        with ThreadPoolExecutor() as pool:
            own = pool.submit(_httpyac, [one for one in files if one.parent.name == "httpyac"])
            both = pool.submit(_httpyac, [one for one in files if one.parent.name == "http"])
            sent = own.result() + both.result()
        # Against the stand that has seen it all once: the collection can be run again.
        _newman("en")
        bruno = f"; Bruno: {_bruno(Path(folder) / 'bruno.json')} requests" if _AT_LENGTH else ""
    return f"newman: 2 x {asserted} assertions; httpYac: {sent} requests{bruno}"


def _variables() -> dict[str, str]:
    environment = json.loads(
        (_CLIENTS / "postman" / "lavka.postman_environment.json").read_text(encoding="utf-8")
    )
    return {one["key"]: _moved(one["value"]) for one in environment["values"]}


def _moved(text: str) -> str:
    """With the addresses of the check's own stand."""
    return _ADDRESS.sub(lambda found: f"127.0.0.1:{_PORT_BASE + int(found[1])}", text)


def _newman(language: str) -> int:
    """How many assertions held."""
    collection = _CLIENTS / "postman" / f"lavka.{language}.postman_collection.json"
    library = _NEWMAN.path.parent.parent / "postman-collection"
    if lost := run(["node", "-e", _SDK, library, collection]):
        raise CheckError(f"{collection.name} has what the format does not have:\n{lost[:2000]}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command: list[str | Path] = [_NEWMAN.path, "run", collection]
        for name, value in _variables().items():
            command += ["--env-var", f"{name}={value}"]
        command += ["--color", "off", "--reporters", "cli,json"]
        command += ["--reporter-json-export", report, "--reporter-cli-silent"]
        try:
            run(command)
        except CheckError as error:
            raise CheckError(f"{error}\n{_failures(report)}") from error
        told = json.loads(report.read_text(encoding="utf-8"))["run"]["stats"]["assertions"]
    return int(told["total"])


def _failures(report: Path) -> str:
    if not report.exists():
        return "it has written no report"
    failures = json.loads(report.read_text(encoding="utf-8"))["run"]["failures"]
    lines = (f"{one['source']['name']}: {one['error']['message']}" for one in failures)
    return "\n".join(lines)


def _moved_files(folder: Path) -> list[Path]:
    """Copies of the `.http` files that lead to the check's own stand."""
    shutil.copytree(_CLIENTS / "http", folder)
    files = sorted(folder.rglob("*.http"))
    for file in files:
        file.write_text(_moved(file.read_text(encoding="utf-8")), encoding="utf-8")
    return files


def _httpyac(files: list[Path]) -> int:
    """How many requests were sent, each answered as told."""
    answers = files[0].with_name("answers.json")
    command: list[str | Path] = [_HTTPYAC.path, "send", *files, "--all", "--json"]
    # Into a file: it ends without waiting for a pipe to take all that it has to say.
    into = ["sh", "-c", '"$@" > "$ANSWERS"', "sh"]
    try:
        run([*into, *command], folder=answers.parent, environment={"ANSWERS": str(answers)})
    except CheckError as error:
        raise CheckError(f"{error}\n{_failed(answers)}") from error
    told = json.loads(answers.read_text(encoding="utf-8"))
    _own_assertions(told["summary"], files)
    if answers.parent.name == "http":
        script = ROOT / "scripts" / "clients" / "clients"
        run([sys.executable, script, "answered", answers])
    return len(told["requests"])


def _failed(answers: Path) -> str:
    """The assertions of the files that do not hold."""
    try:
        told = json.loads(answers.read_text(encoding="utf-8"))
    except ValueError:
        return "what it has written is no JSON"
    lines = (
        f"{Path(one['fileName']).name}, {one.get('name')}: {test['message']} ({test['status']})"
        for one in told["requests"]
        for test in one["testResults"]
        if test["status"] != "SUCCESS"
    )
    return "\n".join(lines)


def _own_assertions(summary: dict[str, int], files: list[Path]) -> None:
    """
    Raises:
        CheckError: not every line with `??` was looked at.
    """
    texts = (file.read_text(encoding="utf-8") for file in files)
    expected = sum(len(re.findall(r"^\?\? ", text, re.MULTILINE)) for text in texts)
    if summary["successTests"] != expected:
        raise CheckError(f"httpYac: {expected} assertions stand in the files, of them: {summary}")


def _bruno(report: Path) -> int:
    """How many requests were sent, each with tests that hold."""
    command: list[str | Path] = [_BRUNO.path, "run", "-r", "--env", "stend"]
    for name, value in _variables().items():
        command += ["--env-var", f"{name}={value}"]
    command += ["--reporter-json", report]
    run(command, folder=_CLIENTS / "bruno")
    told = json.loads(report.read_text(encoding="utf-8"))
    summary = (told[0] if isinstance(told, list) else told)["summary"]
    if summary["failedTests"] or summary["failedRequests"]:
        raise CheckError(f"Bruno: {summary}")
    return int(summary["totalRequests"])
