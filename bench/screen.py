"""From the wire to the screen: how long until a row of the Exchanges page tells what has passed.

    python -m bench.screen

A stand with its taps, 500 exchanges a second by the ring's own count, and the page in a browser.
The page is watched from inside: when a row comes into the document, and when it has been drawn.
The moment of the wire is the one that the tap has told, by the clock of the same machine.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from bench.browser import Window, opened, renderers
from bench.delays import delay_ms, delays
from bench.screen_load import MARK
from bench.stand import PROJECT, Stand, free_port_base

GOAL_MS = 200
RATE = 500.0
# What is asked for is sent a little late on a busy machine: the ring shall count the rate.
_ASKED = 1.09 * RATE
_RATE_TOLERANCE = 0.05
SECONDS = 40
# By then the ring is full, and lets go as much as comes.
WARM_UP_S = 15
_CHECKED = 2000
_ON_THE_WAY_MS = 5000
_ENDS_WITHIN_S = SECONDS + 60
_WATCH = """() => {
  const known = new Set([...document.querySelectorAll('#rows tr')].map(row => row.dataset.id));
  window.rowsSeen = [];
  new MutationObserver(changes => {
    const at = Date.now();
    const fresh = [];
    for (const change of changes) {
      for (const row of change.addedNodes) {
        if (row.nodeName !== 'TR' || known.has(row.dataset.id)) continue;
        known.add(row.dataset.id);
        const when = row.querySelector('.when').textContent;
        fresh.push([row.dataset.id, when, row.querySelector('.what').textContent, at]);
      }
    }
    if (fresh.length) requestAnimationFrame(() => {
      const drawn = Date.now();
      for (const row of fresh) window.rowsSeen.push([...row, drawn]);
    });
  }).observe(document.getElementById('rows'), { childList: true });
}"""
_LEFT_OFF = "() => Number(document.getElementById('left-off').textContent)"

Facts = dict[str, Any]
# Id, moment of the wire, what it was, when it was in the document and drawn, ms since 1970.
Row = tuple[str, str, str, int, int]


def main() -> None:
    with opened("screen") as browser, tempfile.TemporaryDirectory() as folder:
        # PostgreSQL runs as somebody else, and would keep its data elsewhere.
        Path(folder).chmod(0o755)
        stand = Stand(Path(folder), free_port_base())
        stand.command("up", "--detach", "--no-browser")
        try:
            order_id = placed_order(stand)
            window = Window(browser, f"{stand.url}/exchanges")
            facts = measured(stand, window, order_id)
            facts["complaints"] = window.complaints
        finally:
            stand.command("down")
    json.dump(facts, sys.stdout, indent=2)
    print()


def placed_order(stand: Stand) -> str:
    told = json.loads(stand.command("call", "PlaceOrder", "--over", "rest", "--json").stdout)
    return str(told["result"]["order_id"])


def measured(stand: Stand, window: Window, order_id: str) -> Facts:
    page = window.page
    page.evaluate(_WATCH)
    watching = _Watching(stand, window)
    load = watching.under([str(stand.port_base), order_id, f"{_ASKED:g}", f"{SECONDS}"])
    known = {
        one["id"] for one in stand.asked(f"/stand/tap/exchanges?limit={_CHECKED}")["exchanges"]
    }
    # The last of them may be on their way.
    page.wait_for_timeout(_ON_THE_WAY_MS)
    rows: list[Row] = page.evaluate("() => window.rowsSeen")
    seen = {
        "left_off": page.evaluate(_LEFT_OFF) - watching.left_off,
        "checked": len(known),
        "never_shown": len(known - {row[0] for row in rows}),
    }
    late = [row for row in rows if row[3] >= watching.begins_ms]
    return result(late, load, seen, watching.let_go()) | {"busy": watching.busy}


class _Watching:
    """What is to be told of the time after the warm-up.

    Attributes:
        begins_ms: when it began, since 1970.
        left_off: what the page had left off then.
        busy: of a core, by whom; on a machine that others use, too, it tells what was missing.
    """

    def __init__(self, stand: Stand, window: Window) -> None:
        self._stand, self._window = stand, window
        self.begins_ms = self.left_off = 0
        self.busy: dict[str, float] = {}
        self._ring = self._ring_now()

    def under(self, words: Sequence[str]) -> Facts:
        """
        Args:
            words: of the load, which is run to its end.
        """
        command = [sys.executable, "-m", "bench.screen_load", *words]
        load = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        try:
            self._until_ended(load)
            told, _ = load.communicate(timeout=10)
        finally:
            if load.poll() is None:
                load.kill()
                load.wait()
        if load.returncode:
            raise RuntimeError(f"the load has ended with exit code {load.returncode}")
        facts: Facts = json.loads(told)
        return facts

    def let_go(self) -> Facts:
        now = self._ring_now()
        return {name: now[name] - self._ring[name] for name in now if name.startswith("let_go")}

    def _until_ended(self, load: subprocess.Popen[str]) -> None:
        page, before = self._window.page, self._used_s()
        begun = time.monotonic()
        for second in range(1, _ENDS_WITHIN_S):
            if load.poll() is not None:
                break
            page.wait_for_timeout(1000)
            if second == WARM_UP_S:
                self.begins_ms = page.evaluate("() => Date.now()")
                self.left_off = page.evaluate(_LEFT_OFF)
                before, begun = self._used_s(), time.monotonic()
            if second % 5 == 0:
                print(f"screen: {second} s", file=sys.stderr)
        elapsed_s = time.monotonic() - begun
        now = self._used_s()
        self.busy = {name: round((now[name] - before[name]) / elapsed_s, 3) for name in now}

    def _used_s(self) -> dict[str, float]:
        stand = self._stand.process.cpu_times()
        pages = [one.cpu_times() for one in renderers()]
        return {
            "stand": stand.user + stand.system,
            "page": sum(one.user + one.system for one in pages),
            "page_waiting_too": self._window.worked_s()["all"],
        }

    def _ring_now(self) -> Facts:
        ring: Facts = self._stand.asked("/stand/tap")["ring"]
        return ring


def result(rows: Sequence[Row], load: Facts, page: Facts, ring: Facts) -> Facts:
    """
    Args:
        rows: that came after the warm-up.
    """
    in_document = delays([delay_ms(row[1], row[3]) for row in rows])
    drawn = delays([delay_ms(row[1], row[4]) for row in rows])
    marked = delays([delay_ms(row[1], row[4]) for row in rows if MARK in row[2]])
    rate = median(load["per_s"][WARM_UP_S:])
    is_met = (
        max(drawn.p95_ms, marked.p95_ms) <= GOAL_MS
        and rate >= RATE * (1 - _RATE_TOLERANCE)
        and page["never_shown"] <= page["left_off"]
    )
    return {
        "bench": "screen",
        "rate": rate,
        "goal_rate": RATE,
        "load": load,
        "in_document": asdict(in_document),
        "drawn": asdict(drawn),
        "marked": asdict(marked),
        "page": page,
        "ring": ring,
        "goal_p95_ms": GOAL_MS,
        "goal_met": is_met,
    }


if __name__ == "__main__":
    main()
