"""Commands and pages are named as they are where somebody reads of them."""

from pathlib import Path

import pytest

from stend.kit.place import assets_of, checkout_of, told

REPOSITORY = Path("/home/me/stend/src/stend")
INSTALLED = Path("/opt/venv/lib/python3.13/site-packages/stend")


def test_repository_is_known_by_its_src() -> None:
    assert checkout_of(REPOSITORY) == Path("/home/me/stend")
    assert checkout_of(INSTALLED) is None
    assert assets_of(INSTALLED) == INSTALLED / "assets"


@pytest.mark.parametrize(
    ("text", "repository", "windows", "installed"),
    [
        ("first ./stend down", "first ./stend down", "first python stend down", "first stend down"),
        ("(./stend up)", "(./stend up)", "(python stend up)", "(stend up)"),
        ("in .stend/8000", "in .stend/8000", "in .stend/8000", "in .stend/8000"),
        (
            "see docs/errors.ru.md",
            "see docs/errors.ru.md",
            "see docs/errors.ru.md",
            f"see {INSTALLED}/assets/docs/errors.ru.md",
        ),
        (
            "rabbitmq.com/docs/dlx.md",
            "rabbitmq.com/docs/dlx.md",
            "rabbitmq.com/docs/dlx.md",
            "rabbitmq.com/docs/dlx.md",
        ),
    ],
)
def test_text_is_told_as_it_holds_here(
    text: str, repository: str, windows: str, installed: str
) -> None:
    assert told(text, REPOSITORY, "linux") == repository
    assert told(text, REPOSITORY, "win32") == windows
    assert told(text, INSTALLED, "linux") == installed
    assert told(text, INSTALLED, "win32") == installed
