"""Every declared limitation has a test that shows it, and no test shows one that is not declared.

Such a test carries `@pytest.mark.limitation("engine", "code")`. The marks are read from the
sources, so that it does not matter which tests are run.
"""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import stend.engines
from stend.engines.limitation import Limitation
from tests.conftest import PROJECT

# The package is named after the protocol that it speaks, the engine after what it stands in for.
_NAMES = {"amqp": "rabbitmq"}


def declared() -> Iterator[tuple[str, str]]:
    for module in pkgutil.iter_modules(stend.engines.__path__):
        if module.ispkg:
            launcher = importlib.import_module(f"stend.engines.{module.name}.launcher")
            for limitation in limitations_of(vars(launcher)):
                yield _NAMES.get(module.name, module.name), limitation.code


def limitations_of(names: dict[str, object]) -> Iterator[Limitation]:
    """Of all tuples of them in a module: a fallback may have its own."""
    for value in names.values():
        if isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Limitation))


def shown() -> Iterator[tuple[str, str]]:
    for path in (PROJECT / "tests").rglob("*.py"):
        yield from marks_in(path)


def marks_in(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.limitation":
            engine, code = (ast.literal_eval(argument) for argument in node.args)
            yield engine, code


def test_every_limitation_has_a_test_that_shows_it() -> None:
    assert set(declared()) - set(shown()) == set()


def test_no_test_shows_a_limitation_that_is_not_declared() -> None:
    assert set(shown()) - set(declared()) == set()
