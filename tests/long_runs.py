"""Whether tests that can go on for as long as they are let do so now."""

import os


def is_long_run() -> bool:
    """LONG_TESTS=1 asks for it: minutes instead of seconds, hundreds of thousands of steps."""
    return os.environ.get("LONG_TESTS") == "1"
