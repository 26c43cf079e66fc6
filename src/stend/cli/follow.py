"""Follows a stand in the foreground: a line for every change of a part."""

import time
from collections.abc import Callable

from stend.cli.screen import console, state_words
from stend.cli.session import Session
from stend.portal.stand import EngineView, PartState, ServiceView, StandView


class Follower:
    """
    Args:
        on_ready: called once, with the seconds it took and the view, when every part is ready.
    """

    def __init__(self, session: Session, on_ready: Callable[[float, StandView], None]) -> None:
        self._session = session
        self._on_ready = on_ready
        self._started_at = time.monotonic()
        self._seen: dict[str, tuple[PartState, str | None]] = {}
        self._was_ready = False

    def show(self, view: StandView) -> None:
        parts: list[EngineView | ServiceView] = [*view.engines, *view.services]
        for part in parts:
            if self._seen.get(part.name) != (part.state, part.reason):
                self._seen[part.name] = (part.state, part.reason)
                words = state_words(self._session, part.state)
                reason = f"  {part.reason}" if part.reason else ""
                console().print(f"{part.name:<12} {words}{reason}")
        if view.ready and not self._was_ready:
            self._was_ready = True
            self._on_ready(time.monotonic() - self._started_at, view)
