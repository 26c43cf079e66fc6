"""Files and functions stay small, and names say what is inside."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "bootstrap", "bench", "scripts", "tests")
SUFFIXES = frozenset({".py", ".js", ".css", ".html", ".proto", ""})
# Generated from the contract, or somebody else's.
NOT_OURS = ("/stubs/", "/swagger_ui/", "/vendor/", "/__pycache__/")
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
EMPTY_NAME = re.compile(r"(utils?|helpers?|common|managers?|base|misc|.*_v2)")


def ours() -> Iterator[Path]:
    yield ROOT / "stend"
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            known = path.suffix in SUFFIXES and not any(part in str(path) for part in NOT_OURS)
            if known and path.is_file() and "LICENSE" not in path.name:
                yield path


def python_files() -> list[Path]:
    return [path for path in ours() if path.suffix in {".py", ""}]


def test_no_file_is_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ours()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES
    }
    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {node.name}": lines
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_no_name_is_empty_of_meaning() -> None:
    names = [path for path in python_files() if EMPTY_NAME.fullmatch(path.stem)]
    folders = [path for path in ours() if EMPTY_NAME.fullmatch(path.parent.name)]
    assert names + folders == []
