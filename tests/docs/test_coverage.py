"""Nothing exists without its place in the documentation."""

import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main

import stend
import stend.engines
from bootstrap.texts import Problem
from stend.cli.commands import make_app
from stend.cli.session import Session
from stend.kit.errors import EdgeErrorCode
from stend.kit.languages import Language
from stend.portal.error_pages.index import all_pages
from stend.portal.wires import ENGINES, wire_of
from stend.runtime.addresses import addresses_of
from stend.runtime.rows import ROWS
from stend.runtime.services import PLANS
from stend.runtime.settings import parse
from stend.shop.orders.usecases import Operation
from stend.tap.disturb.catalogue import KINDS
from tests.conftest import LiveStand
from tests.docs.pages import DOCS, ROOT, Page, both, page

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


def commands_of(group: Any, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by the words that call it, those of groups included."""
    for name, command in getattr(group, "commands", {}).items():
        yield f"{path}{name}", command
        yield from commands_of(command, f"{path}{name} ")


COMMANDS = dict(commands_of(typer.main.get_command(make_app(Session(Language.EN)))))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_its_heading_and_all_its_options(name: str) -> None:
    for one in both("docs/commands"):
        assert name in one.titles
        section = one.section(name)
        for option in options_of(COMMANDS[name]):
            assert f"`{option}`" in section, f"{one.path.name}, {name}: {option}"


@pytest.mark.parametrize("name", COMMANDS)
def test_command_documents_no_option_that_does_not_exist(name: str) -> None:
    for one in both("docs/commands"):
        rows = [line for line in one.section(name).splitlines() if line.startswith("| `-")]
        named = {option for row in rows for option in re.findall(r"`(-[\w-]+)`", row.split("|")[1])}
        assert named == options_of(COMMANDS[name])


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name[0] == "-"}


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_setting_has_its_heading(name: str) -> None:
    assert_in_both("docs/settings", name)


@pytest.mark.parametrize(
    "code",
    [
        *(page.code.value for page in all_pages()),
        *(problem.value.code for problem in Problem),
        "python-too-old",
    ],
)
def test_error_code_has_its_heading(code: str) -> None:
    assert_in_both("docs/errors", code)


@pytest.mark.parametrize(
    "code",
    [
        *(code.value for code in EdgeErrorCode),
        *(problem.value.code for problem in Problem),
        "python-too-old",
    ],
)
def test_troubleshooting_begins_with_the_code(code: str) -> None:
    for one in both("docs/troubleshooting"):
        rows = [line for line in one.prose if line.startswith("| ")]
        assert any(f"`{code}`" in row.split("|")[1] for row in rows)


@pytest.mark.parametrize("operation", Operation)
def test_operation_has_its_heading(operation: Operation) -> None:
    assert_in_both("docs/glossary", operation)


def test_protocol_has_its_heading() -> None:
    settings = parse({}, {}, {})
    addresses = addresses_of(settings)
    for plan in PLANS.values():
        for endpoint in plan.endpoints(settings, addresses):
            assert_in_both("docs/glossary", wire_of(endpoint.protocol).name)


def test_every_protocol_folder_has_its_readme() -> None:
    shop = ROOT / "src" / "stend" / "shop"
    folders = [contract.parent for contract in shop.glob("*/api/*/contract")]
    assert {folder.parts[-3] for folder in folders} == set(PLANS)
    for folder in folders:
        lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 15, folder
        assert any("contract/" in line for line in lines)


# A package is named after the protocol where it is no launcher of the engine itself.
IN_PLACE_OF = {"amqp": "rabbitmq", "mongo": "mongodb"}


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(stend.engines.__path__) if module.ispkg]
)
def test_engine_has_its_heading(name: str) -> None:
    assert_in_both("docs/engines", ENGINES[IN_PLACE_OF.get(name, name)].name)


@pytest.mark.parametrize("kind", KINDS)
def test_fault_has_its_heading_and_its_row(kind: str) -> None:
    assert_in_both("docs/faults", kind)
    for one in both("docs/faults"):
        assert f"#{kind}" in one.links


def test_engine_is_what_the_page_says(live_stand: LiveStand) -> None:
    for engine in live_stand.status()["engines"]:
        for one in both("docs/engines"):
            section = one.section(ENGINES[engine["name"]].name)
            assert f"`{engine['label']}`" in section
            assert engine["version"] in section


def assert_in_both(name: str, title: str) -> None:
    for one in both(name):
        assert title in one.titles, one.path.name


@pytest.mark.parametrize("layer", [module.name for module in pkgutil.iter_modules(stend.__path__)])
def test_layer_has_its_readme_and_its_row(layer: str) -> None:
    if layer == "__main__":
        return
    lines = (ROOT / "src" / "stend" / layer / "README.md").read_text("utf-8").splitlines()
    assert lines[0] == f"# {layer}"
    assert len(lines) <= 15
    assert f"| `{layer}` |" in page("docs/architecture").section("Layers")
    for one in both("README"):
        assert f"src/stend/{layer}/README.md" in one.links


def test_import_contracts_are_listed() -> None:
    section = page("docs/import-rules").section("Import rules")
    rows = re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)
    names = [contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]]
    assert rows[2:] == names or rows[1:] == names


def test_dependencies_are_listed_with_the_versions_of_the_lock() -> None:
    lock = (ROOT / "locks" / "test.txt").read_text(encoding="utf-8").lower()
    versions = dict(re.findall(r"^([a-z0-9._-]+)==([^ \\]+)", lock, re.MULTILINE))
    run = page("docs/dependencies").section("To run")
    develop = page("docs/dependencies").section("To develop and test")
    assert rows_of(run) == wanted(PYPROJECT["project"]["dependencies"], versions)
    assert rows_of(develop) == wanted(PYPROJECT["dependency-groups"]["dev"], versions)


def rows_of(section: str) -> dict[str, str]:
    rows = re.findall(r"^\| ([\w.-]+) \| ([\w.]+) \| [\w-]+ \|", section, re.MULTILINE)
    return {name.lower(): version for name, version in rows if name != "Package"}


def wanted(requirements: list[str], versions: dict[str, str]) -> dict[str, str]:
    names = [re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements]
    return {name: versions[name] for name in names}


def test_every_dependency_tells_when_its_version_was_released() -> None:
    for title in ("To run", "To develop and test"):
        section = page("docs/dependencies").section(title)
        for name in rows_of(section):
            assert re.search(rf"(?im)^\| {name} \| [\w.]+ \| 20\d\d-\d\d-\d\d \|", section), name


def test_vendored_files_are_listed() -> None:
    section = page("docs/dependencies").section("Vendored")
    vendor = ROOT / "src" / "stend" / "portal" / "static" / "vendor"
    for folder in (*vendor.iterdir(), *ROOT.glob("scripts/site/theme/stend/vendor/*")):
        name, _, version = folder.name.rpartition("-")
        assert f"| {name} | {version} |" in section
    bundle = ROOT / "src/stend/shop/orders/api/swagger_ui/swagger-ui-bundle.js"
    version = re.findall(r'PACKAGE_VERSION:"([\d.]+)"', bundle.read_text(encoding="utf-8"))[0]
    assert f"| swagger-ui-dist | {version} |" in section


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_decision_has_its_parts_and_its_line_in_the_index(path: Path) -> None:
    one = page(f"docs/decisions/{path.stem}")
    assert one.titles[1:] == ["Context", "Decision", "Consequences", "Rejected"]
    assert one.titles[0].startswith(path.stem[:4] + " ")
    index = page("docs/decisions/README")
    assert f"- [{one.titles[0]}]({path.stem}.md)" in index.prose


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.stem[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_indexes_name_every_page() -> None:
    english, russian = both("docs/README")
    for path in DOCS.glob("*.md"):
        if path.stem.startswith("README"):
            continue
        index: Page = russian if path.name.endswith(".ru.md") else english
        assert path.name in index.links, path.name


def test_site_has_every_page() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for path in DOCS.glob("*.md"):
        if not path.name.endswith(".ru.md"):
            assert f"- {path.name}\n" in site, path.name


def test_changelog_begins_with_the_version_of_the_package() -> None:
    titles = [heading.title for heading in page("CHANGELOG").headings if heading.level == 2]
    assert titles[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(stend.__version__)}\] - \d{{4}}-\d\d-\d\d", titles[1])
    # The number stands in one place, which the build reads.
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "src/stend/__init__.py"


def test_readme_is_short() -> None:
    for one in both("README"):
        assert len(one.path.read_text(encoding="utf-8").splitlines()) <= 150
