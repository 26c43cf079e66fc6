"""Makes room in a ring that is nearly full: between what passes, so that nothing waits for it."""

import asyncio

from stend.tap.recording import Recording

# What comes within it is let go together.
_AFTER_S = 0.01


class RoomMaker:
    """Lets the oldest chunks of a recording go, a few at a time. Does nothing while it has room."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._is_coming = False
        recording.on_nearly_full = self._later

    def _later(self) -> None:
        if not self._is_coming:
            self._is_coming = True
            asyncio.get_running_loop().call_later(_AFTER_S, self._make_room)

    def _make_room(self) -> None:
        if self._recording.make_room():
            self._is_coming = False
        else:
            # What has come meanwhile is forwarded first.
            asyncio.get_running_loop().call_soon(self._make_room)
