"""Importing a module does nothing: no socket, no process, no file written, no setting read."""

import json
import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"

# Alembic runs env.py and never imports it: it is a script.
PROBE = """
import importlib, json, os, pkgutil, sys, threading

complaints = []
current = ""
ACTIVE = ("socket.bind", "socket.connect", "socket.sendto", "subprocess.Popen", "os.system",
          "os.fork", "os.exec", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir")


def watch(event, arguments):
    writes = event == "open" and any(letter in str(arguments[1] or "") for letter in "wax+")
    if writes or event in ACTIVE:
        complaints.append(f"{current}: {event} {arguments!r}")


class Watched(type(os.environ)):
    def __getitem__(self, key):
        # A library that copies the whole environment reads no setting of ours.
        reader = sys._getframe(1).f_code.co_filename
        if key.startswith("STEND_") and f"{os.sep}stend{os.sep}" in reader:
            complaints.append(f"{current}: reads {key}")
        return super().__getitem__(key)


os.environ.__class__ = Watched
sys.addaudithook(watch)
import stend
for module in pkgutil.walk_packages(stend.__path__, "stend."):
    if module.name.endswith("migrations.env"):
        continue
    current = module.name
    before = threading.active_count()
    importlib.import_module(current)
    if threading.active_count() != before:
        complaints.append(f"{current}: starts a thread")
print(json.dumps({"complaints": complaints, "last": current}))
"""


def test_importing_every_module_does_nothing() -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "STEND_PORT_BASE": "not a port"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROBE],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["last"]
    assert told["complaints"] == []
