"""The meta-schemas of formats: what may stand where, written here by their specifications."""

import json
from functools import cache
from pathlib import Path

from stend.course.formats.schemas import DIALECT, Validator

_FOLDER = Path(__file__).parent / "meta"


@cache
def meta_schema(name: str) -> Validator:
    """
    Args:
        name: of a file in `meta/`, without `.json`.
    """
    return Validator(json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8")))


@cache
def json_schema() -> Validator:
    """That of JSON Schema 2020-12 itself, which jsonschema-rs carries."""
    return Validator({"$ref": DIALECT})
