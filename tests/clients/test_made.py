"""What is made from the tours is what would be made now, and both languages say the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
POSTMAN = ROOT / "clients" / "postman"


def test_the_files_are_made_from_the_tours() -> None:
    script = ROOT / "scripts" / "clients" / "clients"
    command = [sys.executable, "-B", str(script), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)


def test_the_collections_differ_in_what_people_read_only() -> None:
    ru, en = (collection(language) for language in ("ru", "en"))
    assert ru["info"]["name"] != en["info"]["name"]
    assert without_texts(ru) == without_texts(en)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_folder_and_request_is_described(language: str) -> None:
    for folder in collection(language)["item"]:
        assert folder["description"]
        for item in folder["item"]:
            assert item["request"]["description"], item["name"]
            assert item["event"][-1]["script"]["exec"], item["name"]


def collection(language: str) -> dict[str, Any]:
    path = POSTMAN / f"lavka.{language}.postman_collection.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def without_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [without_texts(one) for one in value]
    if not isinstance(value, dict):
        return value
    texts = {"name", "description", "_postman_id"}
    return {key: without_texts(one) for key, one in value.items() if key not in texts}
