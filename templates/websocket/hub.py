"""Topics, their last events, and who listens. No sockets here: messages in, messages out."""

from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import uuid4

# Whatever is kept has a bound.
HISTORY = 1000
MAX_TOPICS = 1000

Message = dict[str, Any]
Listener = Callable[[Message], None]


class TooManyTopicsError(Exception):
    pass


class Topic:
    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.last = 0
        self._events: deque[Message] = deque(maxlen=HISTORY)
        self._published: dict[str, int] = {}

    def publish(self, name: str, event_id: str, data: object) -> int:
        """The number of the event; a repeat gets that of the first."""
        if event_id in self._published:
            return self._published[event_id]
        self.last += 1
        event = {"type": "event", "topic": name, "seq": self.last, "data": data}
        self._events.append(event)
        self._published[event_id] = self.last
        if len(self._published) > HISTORY:
            # Dictionaries keep the order: this is the oldest.
            del self._published[next(iter(self._published))]
        for listener in tuple(self.listeners):
            listener(event)
        return self.last

    def after(self, seq: int) -> tuple[list[Message], bool]:
        """Events after this number, and whether none of them is gone."""
        events = [event for event in self._events if event["seq"] > seq]
        return events, seq <= self.last and len(events) == self.last - seq


class Hub:
    def __init__(self) -> None:
        # Numbers begin anew with the process, and clients must be able to tell.
        self.stream = uuid4().hex
        self._topics: dict[str, Topic] = {}

    def topic(self, name: str) -> Topic:
        if name not in self._topics:
            if len(self._topics) >= MAX_TOPICS:
                raise TooManyTopicsError(f"there are {MAX_TOPICS} topics already")
            self._topics[name] = Topic()
        return self._topics[name]

    def forget(self, listener: Listener) -> None:
        for topic in self._topics.values():
            topic.listeners.discard(listener)
