"""Checks what lies under deploy/ and for editors with the tools that will read it.

Each topic is a module beside this script: what it needs, and what must hold.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import client_files
import compose
import dockerfile
import docs_site
import gateway
import helm
import monitoring
import secured_engines
import terraform
import wheel
from tools import CheckError, bring

TOPICS: dict[str, ModuleType] = {
    module.NAME: module
    for module in (
        client_files,
        compose,
        dockerfile,
        docs_site,
        gateway,
        helm,
        monitoring,
        secured_engines,
        terraform,
        wheel,
    )
}
AT_ONCE = 2
SELF = "scripts/deploy-checks/deploy-checks"


def main() -> int:
    """Exit code 0: everything holds; 1: something does not, or could not be installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("install", "run", "list"))
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="default: all")
    arguments = parser.parse_args()
    unknown = set(arguments.topics) - set(TOPICS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    topics = [TOPICS[name] for name in arguments.topics or TOPICS]
    if arguments.action == "list":
        for topic in topics:
            print(f"{topic.NAME:<12} {(topic.__doc__ or '').splitlines()[0]}")
        return 0
    return install(topics) if arguments.action == "install" else check(topics)


def install(topics: Sequence[ModuleType]) -> int:
    """Bring what the topics need; return 1 when something could not be had."""
    packages = sorted({package for topic in topics for package in topic.PACKAGES})
    missing = [name for name in packages if not is_installed(name)]
    if missing and not apt_get(missing):
        return 1
    failed = False
    for tool in (tool for topic in topics for tool in topic.TOOLS):
        try:
            bring(tool)
        except CheckError as error:
            failed = True
            print(error, file=sys.stderr)
    return 1 if failed else 0


def check(topics: Sequence[ModuleType]) -> int:
    """Run the topics, each to its end; return 1 when one does not hold."""
    # Two at once: most of their time they wait for a shop. Stands and servers are each topic's own.
    with ThreadPoolExecutor(AT_ONCE) as workers:
        return 0 if all(list(workers.map(holds, topics))) else 1


def holds(topic: ModuleType) -> bool:
    """Run one topic and print what it says."""
    began = time.monotonic()
    trouble = None
    try:
        said = topic.check()
    except CheckError as error:
        said, trouble = "does NOT hold", error
    if trouble:
        print(f"{topic.NAME}: {trouble}", file=sys.stderr)
    print(f"{topic.NAME:<12} {said} ({time.monotonic() - began:.0f} s)", flush=True)
    return trouble is None


def is_installed(package: str) -> bool:
    """Tell whether Debian's package is there."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    try:
        done = subprocess.run(query, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout == "installed"


def apt_get(packages: Sequence[str]) -> bool:
    """Install packages, without starting the services that they bring."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        listed = " ".join(packages)
        print(f"install these first, as root: apt-get install {listed}", file=sys.stderr)
        return False
    print(f"  {' '.join(packages)}", flush=True)
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        # invoke-rc.d(8) asks this program first; 101 means: do not start.
        policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        policy.chmod(0o755)
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["install", "--yes", "--no-install-recommends", *packages]
        for words in (["update"], command):
            done = subprocess.run(
                ["apt-get", "-qq", *words],
                capture_output=True,
                text=True,
                env=environment,
                check=False,
            )
            if done.returncode:
                print(done.stdout + done.stderr, file=sys.stderr)
                return False
    finally:
        if ours:
            policy.unlink()
    return True
