"""The pages that scripts/docs makes are what it would make now."""

import subprocess
import sys

from tests.docs.pages import ROOT


def test_generated_pages_follow_from_the_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
