"""The compose file, by the loader of Docker Compose: schema, interpolation, names."""

import json
from pathlib import Path

from tools import HOME, ROOT, CheckError, Tool, run

NAME = "compose"
PACKAGES: tuple[str, ...] = ()
TOOLS: tuple[Tool, ...] = ()

_FILE = ROOT / "deploy" / "compose" / "compose.yaml"
_SOURCE = Path(__file__).resolve().parent / "compose-go"
# What is started with each profile alone.
_PROFILES = ("core", "full", "monitoring")


def check() -> str:
    """
    Raises:
        CheckError: the loader refuses the file, or a profile starts nothing.
    """
    program = HOME / "compose-go"
    run(["go", "build", "-o", program, "."], folder=_SOURCE, environment={"CGO_ENABLED": "0"})
    told = []
    for profile in _PROFILES:
        services = json.loads(run([program, profile, _FILE])).get("services", {})
        if not services:
            raise CheckError(f"the profile {profile} starts nothing")
        told.append(f"{profile} {len(services)}")
    return f"Docker Compose's loader takes it; services: {', '.join(told)}"
