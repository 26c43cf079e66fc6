"""What is told to be safe is there after a kill; nothing is there by halves."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue

import pytest

from stend.engines.mongo.store.disk import SqliteDisk, UnknownFormatError
from stend.engines.mongo.store.index_specs import parse_index
from stend.engines.mongo.store.options import parse_options
from stend.engines.mongo.store.volume import Put, SaveCollection
from tests.engines.mongo.store.crashing import opened
from tests.engines.mongo.store.standing import found
from tests.long_runs import is_long_run

_ROOT = Path(__file__).parents[4]


def test_all_of_a_store_comes_back(tmp_path: Path) -> None:
    store, _ = opened(tmp_path, SimpleQueue())
    options = parse_options({"validator": {"n": {"$gt": 0}}, "validationLevel": "moderate"})
    kept = store.catalogue.create("db", "kept", options)
    gone = store.catalogue.create("db", "gone", parse_options({}))
    spec = parse_index({"key": {"n": -1}, "name": "n", "unique": True, "expireAfterSeconds": 5})
    store.catalogue.create_indexes(kept, [spec])
    records = [kept.insert({"_id": number, "n": number}) for number in range(1, 4)]
    gone.insert({"_id": 1})
    kept.replace(records[0], {"_id": 1, "n": 10})
    kept.delete(records[1])
    store.catalogue.drop(gone)
    store.catalogue.rename(kept, "db", "named", drops_target=False)
    store.retries.save(b"one", 1, {"n": 1}, 50.0)
    store.retries.save(b"one", 2, {"n": 2}, 50.0)
    store.retries.save(b"two", 1, {"n": 3}, 10.0)
    store.retries.forget(20.0)
    time_before = store.cluster_time
    store.close()

    again, _ = opened(tmp_path, SimpleQueue())
    assert [each.name for each in again.catalogue.of("db")] == ["named"]
    (named,) = again.catalogue
    assert named.options == options
    assert [index.spec for index in named.indexes.values()] == [
        index.spec for index in kept.indexes.values()
    ]
    assert found(named) == [{"_id": 1, "n": 10}, {"_id": 3, "n": 3}]
    assert found(named, {"n": {"$gt": 3}}) == [{"_id": 1, "n": 10}]
    assert named.insert({"_id": 9, "n": 9}) > records[2]
    assert again.retries.find(b"one") == (2, {"n": 2})
    assert again.retries.find(b"two") is None
    assert again.cluster_time > time_before
    assert named.uuid == kept.uuid
    again.close()


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    opened(tmp_path, SimpleQueue())[0].close()
    (file,) = tmp_path.glob("*.sqlite3")
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UnknownFormatError, match="format 99"):
        opened(tmp_path, SimpleQueue())


def test_a_disk_that_fails_says_so(tmp_path: Path) -> None:
    told: SimpleQueue[object] = SimpleQueue()
    disk = SqliteDisk(tmp_path, told.put, told.put)
    disk.load()
    disk.write([SaveCollection(1, b"")], 1)
    assert told.get(timeout=10) == 1
    disk.write([Put(7, 1, b"")], 2)
    assert isinstance(told.get(timeout=10), sqlite3.Error)
    disk.close()


def test_a_unit_that_fails_leaves_nothing(tmp_path: Path) -> None:
    told: SimpleQueue[object] = SimpleQueue()
    disk = SqliteDisk(tmp_path, told.put, told.put)
    disk.load()
    disk.write([SaveCollection(1, b"x"), Put(1, 1, b""), Put(7, 1, b"")], 1)
    assert isinstance(told.get(timeout=10), sqlite3.Error)
    disk.close()
    again = SqliteDisk(tmp_path, told.put, told.put)
    assert again.load().collections == []
    again.close()


@pytest.mark.slow
def test_a_kill_loses_nothing_that_was_told_to_be_safe(tmp_path: Path) -> None:
    safe = -1
    for _ in range(20 if is_long_run() else 3):
        safe = max(safe, _killed_after_some(tmp_path))
        store, _ = opened(tmp_path, SimpleQueue())
        singles, pairs = (store.catalogue.find("db", name) for name in ("singles", "pairs"))
        assert singles
        assert pairs
        numbers = sorted(document["_id"] for document in found(singles))
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > safe
        both = sorted(document["_id"] for document in found(pairs))
        assert both == list(range(len(both)))
        assert len(both) == 2 * len(numbers)
        assert store.retries.find(b"session") == (numbers[-1], {"n": numbers[-1]})
        store.close()


def _killed_after_some(folder: Path) -> int:
    """The last number that the process told before it was killed."""
    module = "tests.engines.mongo.store.crashing"
    with subprocess.Popen(
        [sys.executable, "-m", module, str(folder)],
        cwd=_ROOT,
        env={"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        until = time.monotonic() + 0.2
        last = int(process.stdout.readline())
        while time.monotonic() < until:
            last = int(process.stdout.readline())
        process.kill()
        rest = process.stdout.read().split("\n")
    # A line that the kill cut off tells nothing.
    return max([last, *(int(line) for line in rest[:-1])])
