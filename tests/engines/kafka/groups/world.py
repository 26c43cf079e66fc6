"""A coordinator without a broker: virtual time, a disk that is a dictionary, clients that ask.

What is asked and answered goes through the codec, so it is in each version what a client sends and
what it can get.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from struct import pack
from typing import Any
from uuid import UUID

from stend.engines.kafka.groups.groups import Groups
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.request import Request
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

TOPICS = {"orders": (UUID(int=1), 3), "bills": (UUID(int=2), 2)}
START_MS = 1_000_000_000
CODES = {code.value: code for code in ErrorCode}
SETTINGS = GroupSettings(initial_rebalance_delay_ms=0)

_HANDLERS: dict[ApiKey, Callable[[Groups, Request], None]] = {
    ApiKey.JOIN_GROUP: Groups.join,
    ApiKey.SYNC_GROUP: Groups.sync,
    ApiKey.HEARTBEAT: Groups.heartbeat,
    ApiKey.LEAVE_GROUP: Groups.leave,
    ApiKey.DESCRIBE_GROUPS: Groups.describe,
    ApiKey.LIST_GROUPS: Groups.list,
    ApiKey.DELETE_GROUPS: Groups.delete,
    ApiKey.OFFSET_COMMIT: Groups.commit,
    ApiKey.OFFSET_FETCH: Groups.fetch_offsets,
    ApiKey.OFFSET_DELETE: Groups.delete_offsets,
    ApiKey.TXN_OFFSET_COMMIT: Groups.commit_in_transaction,
    ApiKey.CONSUMER_GROUP_HEARTBEAT: Groups.consumer_heartbeat,
    ApiKey.CONSUMER_GROUP_DESCRIBE: Groups.describe_consumers,
}


class Answer:
    """What came of a request; asked for too early, the test fails."""

    def __init__(self, key: ApiKey, version: int) -> None:
        self._codec = codec.response(key, version)
        self._fields: Fields | None = None

    def take(self, fields: Fields) -> None:
        assert self._fields is None, "answered twice"
        data = self._codec.encode(fields)
        self._fields, end = self._codec.decode(data)
        assert end == len(data)

    @property
    def is_there(self) -> bool:
        return self._fields is not None

    @property
    def fields(self) -> Fields:
        assert self._fields is not None, "not answered yet"
        return self._fields

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    @property
    def code(self) -> ErrorCode:
        return CODES[self.fields["error_code"]]


class World:
    """
    Attributes:
        unsafe: who waits for the disk, while `is_disk_slow`.
        unwritten: what has not reached it yet.
    """

    def __init__(self, settings: GroupSettings = SETTINGS) -> None:
        self.settings = settings
        self.now_ms = START_MS
        self.disk: dict[str, str] = {}
        self.topics = dict(TOPICS)
        self.is_disk_slow = False
        self.unsafe: list[Callable[[], None]] = []
        self.unwritten: list[tuple[str, Fields | None]] = []
        self._ids = count(1)
        self.groups = self._new_groups()

    def _new_groups(self) -> Groups:
        groups = Groups(
            self.settings,
            lambda: str(UUID(int=next(self._ids))),
            self._put,
            self._after_sync,
            lambda: self.topics,
        )
        for key, value in self.disk.items():
            groups.restore(key, json.loads(value))
        groups.start(self.now_ms)
        return groups

    def ask(self, key: ApiKey, version: int, *, client: str = "app", **fields: object) -> Answer:
        answer = Answer(key, version)
        asked = codec.request(key, version)
        decoded, _ = asked.decode(asked.encode(fields))
        request = Request(
            api_key=key,
            version=version,
            fields=decoded,
            client_id=client,
            client_host="/127.0.0.1",
            broker_id=0,
            now_ms=self.now_ms,
            reply=answer.take,
        )
        _HANDLERS[key](self.groups, request)
        return answer

    def sleep(self, ms: int) -> None:
        """Time passes; whatever is due happens at its moment."""
        end_ms = self.now_ms + ms
        while (next_ms := self.groups.next_moment_ms()) is not None and next_ms <= end_ms:
            self.now_ms = max(next_ms, self.now_ms)
            self.groups.tick(self.now_ms)
        self.now_ms = end_ms

    def restart(self, survive: int | None = None, **settings: Any) -> None:
        """The broker is killed and comes back. Whoever waited for it is not answered any more.

        Args:
            survive: the power failed, and no more than so many of the last writes are there.
        """
        self.settings = replace(self.settings, **settings)
        for key, value in self.unwritten[:survive]:
            self._write(key, value)
        self.unwritten.clear()
        self.unsafe.clear()
        self.groups = self._new_groups()

    def sync_disk(self) -> None:
        for key, value in self.unwritten:
            self._write(key, value)
        self.unwritten.clear()
        waiting, self.unsafe = self.unsafe, []
        for done in waiting:
            done()

    def _put(self, key: str, value: Fields | None) -> None:
        if self.is_disk_slow:
            self.unwritten.append((key, value))
        else:
            self._write(key, value)

    def _write(self, key: str, value: Fields | None) -> None:
        if value is None:
            self.disk.pop(key, None)
        else:
            self.disk[key] = json.dumps(value)

    def _after_sync(self, done: Callable[[], None]) -> None:
        if self.is_disk_slow:
            self.unsafe.append(done)
        else:
            done()


def subscription(*topics: str) -> bytes:
    """Metadata of a member of protocol type `consumer`, version 0."""
    names = b"".join(pack(">h", len(name)) + name.encode() for name in topics)
    return pack(">hi", 0, len(topics)) + names + pack(">i", -1)
