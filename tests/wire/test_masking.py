"""What logs somebody in looks the same in every protocol."""

from pathlib import Path

import stend
from stend.wire.reading import MASK


def test_only_one_file_says_what_a_secret_looks_like() -> None:
    package = Path(stend.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "••" in path.read_text("utf-8")
    }
    assert found == {"wire/reading.py"}
    assert set(MASK) == {"•"}
