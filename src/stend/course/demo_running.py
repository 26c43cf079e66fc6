"""Runs the demo of a module in a process of its own, and tells what it shows as it comes."""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import stend
from stend.course.demo_rows import DEMO_PROGRAM
from stend.course.demos import SHOWN_VERSION
from stend.course.sandbox.limits import Limits
from stend.course.sandbox.program import Program
from stend.course.sandbox.service import explain
from stend.kit.json import JsonObject, JsonValue

WITHIN_S = 10.0
# To start Python, and to leave its blocks when it is late.
_BESIDE_S = 5.0
_LOOK_EVERY_S = 0.03
_CHILD = Path(__file__).with_name("demo_child.py")
_LIMITS = Limits(wall_s=WITHIN_S + _BESIDE_S, output_bytes=4 * 1024 * 1024)


def run_demo(
    module: Path,
    values: Mapping[str, JsonValue],
    stand: str,
    environment: Mapping[str, str],
    mark: str,
) -> Iterator[JsonObject]:
    """What it shows: `kind` and `version` in each; the last one is of the kind `end` or `failed`.

    Args:
        module: folder of the module.
        values: of all its controls, as `DemoRow.set_to` gives them.
        stand: address of the running one.
        environment: what the process sees of the environment.
        mark: a word that no other program has.
    """
    asked = {
        "program": str((module / DEMO_PROGRAM).resolve()),
        "stand": stand,
        "values": dict(values),
        "within_s": WITHIN_S,
    }
    # The demo belongs to the course: it finds the stand's own packages.
    own = {**environment, "PYTHONPATH": str(Path(stend.__file__).parent.parent)}
    with (
        tempfile.TemporaryDirectory(prefix="stend-demo-") as folder,
        Program(
            [str(_CHILD)], Path(folder), own, _LIMITS, mark, json.dumps(asked).encode()
        ) as program,
    ):
        yield from _lines(program)


def _lines(program: Program) -> Iterator[JsonObject]:
    told = 0
    ended = False
    while not ended:
        code = program.code
        if code is None:
            time.sleep(_LOOK_EVERY_S)
        else:
            # Whatever it had started ends here, and then all that was printed has been read.
            program.end()
        *whole, _ = program.output[told:].split(b"\n")
        for line in whole:
            told += len(line) + 1
            found: JsonObject = json.loads(line)
            ended = found["kind"] in {"end", "failed"}
            yield found
        if code is not None and not ended:
            why = explain(program).sentence
            yield {
                "version": SHOWN_VERSION,
                "kind": "failed",
                "text": {"ru": why.ru, "en": why.en},
            }
            ended = True
