"""Every template is made as a learner makes it, and is what it says: tested, pinned, readable."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from graphql import build_schema
from jsonschema.validators import validator_for
from lxml import etree

from stend.kit.languages import Language
from stend.runtime.assets import Assets, assets
from stend.runtime.scaffolding import PLACEHOLDER, SUMMARIES, Kind, Project, make_project
from tests.docs.pages import Page, both, parse
from tests.engines.amqp import running as amqp
from tests.engines.kafka import running as kafka
from tests.folders import open_folder
from tests.shop import asyncapi_contract
from tests.shop.openrpc.contracts import Contract

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
TOOLS = Path(sys.executable).parent
TIMEOUT_S = 240
MOST_FILES = 14
# Of one file of code, its comments and empty lines included.
MOST_LINES = 240
CYRILLIC = re.compile(r"[А-Яа-яЁё]")
BROKERS = {Kind.RABBITMQ: "AMQP_URL", Kind.KAFKA: "KAFKA_BOOTSTRAP"}


@pytest.fixture(scope="module", params=Kind)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    kind: Kind = request.param
    folder = tmp_path_factory.mktemp("templates") / f"my-{kind}"
    return make_project(kind, folder, Language.EN)


@pytest.fixture(scope="module")
def types_of_libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy has learnt of libraries, which takes longer than the projects do."""
    return tmp_path_factory.mktemp("types")


@pytest.fixture
def broker(project: Project) -> Iterator[Mapping[str, str]]:
    """The variable that leads a project to the broker it wants, on one of the stand's own."""
    if project.kind not in BROKERS:
        yield {}
        return
    with open_folder() as folder:
        if project.kind is Kind.RABBITMQ:
            queues = amqp.config_in(folder)
            with amqp.running(queues):
                yield {BROKERS[project.kind]: amqp.url_of(queues)}
        else:
            topics = kafka.config_in(folder)
            with kafka.running(topics):
                yield {BROKERS[project.kind]: kafka.bootstrap_of(topics)}


def run(folder: Path, *words: str | Path, **more: str) -> None:
    done = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_its_own_tests_pass(project: Project, broker: Mapping[str, str]) -> None:
    command = ("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
    # As in the environment that its README makes: without the plugins that are here.
    own = {**broker, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with open_folder() as folder:
        run(project.folder, sys.executable, *command, f"--basetemp={folder / 'tmp'}", **own)
    made = {path.name for path in project.folder.iterdir() if path.name != "__pycache__"}
    assert made == {name.partition("/")[0] for name in project.files}


@pytest.mark.slow
def test_its_code_is_as_that_of_the_house(project: Project) -> None:
    run(ROOT, TOOLS / "ruff", "check", "--no-cache", f"templates/{project.kind}")
    run(ROOT, TOOLS / "ruff", "format", "--no-cache", "--check", f"templates/{project.kind}")


@pytest.mark.slow
def test_its_types_hold(project: Project, types_of_libraries: Path) -> None:
    code = [name for name in project.files if name.endswith(".py") and "_pb2" not in name]
    words = (sys.executable, "-m", "mypy", "--config-file=", "--ignore-missing-imports")
    run(project.folder, *words, "--cache-dir", types_of_libraries, *code)


def test_its_dockerfile_is_good(project: Project) -> None:
    run(project.folder, TOOLS / "hadolint", "Dockerfile")
    text = (project.folder / "Dockerfile").read_text(encoding="utf-8")
    # What it copies is there, and it is the stand's own Python.
    copied = re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE)
    assert {name for names in copied for name in names.split()} <= set(project.files)
    house = (ROOT / "deploy/images/Dockerfile").read_text(encoding="utf-8")
    base = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert base
    assert f"FROM {base[0]} AS build" in house
    assert "\nUSER 10001\n" in text
    modules = {name for name in project.files if name.endswith(".py")}
    served = {name for name in modules if not name.startswith("test_")}
    # A sender of one event is run by hand, not in a container.
    assert served - {"sender.py"} <= {name for names in copied for name in names.split()}


def test_its_versions_are_those_of_the_lock(project: Project) -> None:
    lock = (ROOT / "locks" / "test.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^[a-z0-9._-]+==[^ \\]+", lock, re.MULTILINE))
    for name in ("requirements.txt", "requirements-test.txt"):
        lines = (project.folder / name).read_text(encoding="utf-8").splitlines()
        pinned = [line for line in lines if line[0] not in "-#"]
        assert set(pinned) <= locked, name
        assert pinned == sorted(pinned, key=lambda line: line.partition("==")[0])
    assert lines[0] == "-r requirements.txt"


# Where the module is not called like the package.
MODULES = {
    "aio-pika": "aio_pika",
    "confluent-kafka": "confluent_kafka",
    "googleapis-common-protos": "google",
    "graphql-core": "graphql",
    "grpcio": "grpc",
    "grpcio-health-checking": "grpc_health",
    "grpcio-reflection": "grpc_reflection",
    "grpcio-status": "grpc_status",
    "grpcio-tools": "grpc_tools",
    "protobuf": "google",
    "pyyaml": "yaml",
    "strawberry-graphql": "strawberry",
}


def test_it_requires_what_it_imports_and_nothing_else(project: Project) -> None:
    code = {name for name in project.files if name.endswith(".py")}
    tests = {name for name in code if name.startswith("test_")}
    served, tested = imported(project, code - tests), imported(project, tests)
    to_run, to_test = (required(project, f"requirements{one}.txt") for one in ("", "-test"))
    assert served == to_run
    assert tested <= to_run | to_test
    assert to_test <= tested | {"pytest"}


def imported(project: Project, names: set[str]) -> set[str]:
    """Modules of somebody else."""
    own = {Path(name).stem for name in project.files}
    pattern = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
    texts = [(project.folder / name).read_text(encoding="utf-8") for name in names]
    return {one for text in texts for one in pattern.findall(text)} - own - sys.stdlib_module_names


def required(project: Project, file: str) -> set[str]:
    lines = (project.folder / file).read_text(encoding="utf-8").splitlines()
    packages = [line.partition("==")[0] for line in lines if line[0] not in "-#"]
    return {MODULES.get(name, name) for name in packages}


def test_it_is_small_and_named_after_its_folder(project: Project) -> None:
    hand_written = [name for name in project.files if "_pb2" not in name]
    assert 8 <= len(hand_written) <= MOST_FILES
    named = False
    for name in hand_written:
        text = (project.folder / name).read_text(encoding="utf-8")
        assert PLACEHOLDER not in text
        named = named or project.name in text
        assert not CYRILLIC.search(text), name
        if name.endswith(".py"):
            assert len(text.splitlines()) <= MOST_LINES, name
            assert text.startswith('"""')
    assert named


def test_its_contract_is_one(project: Project) -> None:
    for name, check in CONTRACTS[project.kind].items():
        assert name in project.files
        check(project.folder / name)


def openapi(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1.")
    assert document["paths"]
    operations = [
        operation
        for part in ("paths", "webhooks")
        for methods in document.get(part, {}).values()
        for operation in methods.values()
    ]
    assert all(one["operationId"] and one["responses"] for one in operations)
    for reference in references(document):
        found: Any = document
        for word in reference.removeprefix("#/").split("/"):
            found = found[word]
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**schema, "components": document["components"]})


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def asyncapi(path: Path) -> None:
    asyncapi_contract.check_document(asyncapi_contract.read_contract(path))


def openrpc(path: Path) -> None:
    contract = Contract(path.read_text(encoding="utf-8"))
    assert contract.problems() == []


def xsd(path: Path) -> None:
    etree.XMLSchema(etree.parse(path))


def wsdl(path: Path) -> None:
    from zeep import Client

    Client(str(path))


def sdl(path: Path) -> None:
    build_schema(path.read_text(encoding="utf-8"))


def proto(path: Path) -> None:
    words = [f"-I{path.parent}", f"--descriptor_set_out={os.devnull}", path.name]
    run(path.parent, sys.executable, "-m", "grpc_tools.protoc", *words)


def json_schema(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    for kind in document["$defs"].values():
        validator_for(document).check_schema(kind)


CONTRACTS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.REST: {"openapi.yaml": openapi},
    Kind.JSONRPC: {"openrpc.json": openrpc},
    Kind.SOAP: {"payments.xsd": xsd, "payments.wsdl": wsdl},
    Kind.GRAPHQL: {"schema.graphql": sdl},
    Kind.GRPC: {"delivery.proto": proto},
    Kind.WEBSOCKET: {"asyncapi.yaml": asyncapi},
    Kind.WEBHOOK: {"openapi.yaml": openapi},
    Kind.RABBITMQ: {"asyncapi.yaml": asyncapi},
    Kind.KAFKA: {"asyncapi.yaml": asyncapi},
    Kind.SAGA: {"asyncapi.yaml": asyncapi},
    Kind.DWH: {"contract.json": json_schema},
}


def readmes(kind: Kind) -> tuple[Page, Page]:
    english, russian = (parse(TEMPLATES / kind / f"README.{tag}.md") for tag in ("en", "ru"))
    return english, russian


@pytest.mark.parametrize("kind", Kind)
def test_both_readmes_have_the_same_headings_and_commands(kind: Kind) -> None:
    english, russian = readmes(kind)
    assert [one.level for one in english.headings] == [one.level for one in russian.headings]
    assert english.blocks == russian.blocks
    assert english.titles[1:] == ["Run", "Test", "First file to open", "What to change first"]
    assert russian.titles[1:] == [
        "Запуск",
        "Тесты",
        "С какого файла начать",
        "Что поменять первым",
    ]
    assert not CYRILLIC.search("".join(english.prose))
    assert max(len(line) for line in (*english.prose, *russian.prose)) <= 105
    prose = [line for line in russian.prose if re.match(r"\w", line)]
    assert sum(bool(CYRILLIC.search(line)) for line in prose) > len(prose) * 0.8


@pytest.mark.parametrize("kind", Kind)
def test_a_readme_names_files_that_are_there(kind: Kind) -> None:
    files = {path.name for path in (TEMPLATES / kind).rglob("*")}
    for page in readmes(kind):
        named = re.findall(
            r"`([\w-]+\.(?:py|yaml|json|sql|xsd|wsdl|proto|graphql))`", str(page.prose)
        )
        assert named
        assert set(named) <= files


def test_every_folder_is_a_kind_and_has_its_row_in_the_docs() -> None:
    assert assets(Assets.TEMPLATES) == TEMPLATES
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders == set(Kind) == set(SUMMARIES)
    for page in both("docs/commands"):
        rows = re.findall(r"^\| `(\w+)` \|", page.section("new"), re.MULTILINE)
        assert rows == list(Kind)
