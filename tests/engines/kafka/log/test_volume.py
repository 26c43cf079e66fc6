"""Real files and those in memory behave alike; what only one of them has."""

import os
import threading
from pathlib import Path

import pytest

from stend.engines.kafka import disk as disk_module
from stend.engines.kafka.disk import DiskFile, DiskVolume
from stend.engines.kafka.volume import Volume
from tests.fakes.volume import Died, Disk, MemoryVolume


@pytest.fixture(params=["disk", "memory"])
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Volume:
    return DiskVolume(tmp_path / "volume") if request.param == "disk" else MemoryVolume()


def test_a_file_grows_at_its_end(volume: Volume) -> None:
    file = volume.open("a.log")
    assert file.size == 0
    assert file.read(0, 10) == b""
    for part in (b"one", bytearray(b"two"), memoryview(b"three")):
        file.append(part)
    assert file.size == 11
    assert file.read(0, 100) == b"onetwothree"
    assert file.read(3, 3) == b"two"
    assert file.read(11, 1) == b""
    file.truncate(4)
    assert (file.size, file.read(0, 100)) == (4, b"onet")
    file.append(b"!")
    assert file.read(0, 100) == b"onet!"
    file.sync()
    volume.sync()
    file.close()
    # A sync of what was closed in the meantime does nothing.
    file.sync()
    file.close()
    again = volume.open("a.log")
    assert (again.size, again.read(0, 100)) == (5, b"onet!")
    again.close()


def test_files_are_written_whole_renamed_and_removed(volume: Volume) -> None:
    with pytest.raises(FileNotFoundError):
        volume.read("small")
    volume.write("small", b"first")
    volume.write("small", b"second")
    assert volume.read("small") == b"second"
    volume.write("other", b"third")
    volume.rename("other", "small")
    assert (volume.names(), volume.read("small")) == (["small"], b"third")
    with pytest.raises(FileNotFoundError):
        volume.rename("other", "small")
    volume.remove("small")
    volume.remove("small")
    assert volume.names() == []


def test_folders_hold_volumes(volume: Volume) -> None:
    inner = volume.folder("inner")
    inner.write("small", b"1")
    inner.folder("deeper").write("small", b"2")
    assert (volume.names(), volume.folders()) == ([], ["inner"])
    assert volume.folder("inner").read("small") == b"1"
    volume.rename_folder("inner", "renamed")
    assert volume.folders() == ["renamed"]
    assert volume.folder("renamed").folder("deeper").read("small") == b"2"
    volume.remove_folder("renamed")
    volume.remove_folder("renamed")
    assert volume.folders() == []


def test_a_write_that_failed_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = DiskFile(tmp_path / "file")
    file.append(b"whole")
    write = os.write

    def full(number: int, data: bytes) -> int:
        if len(data) < 5:
            raise OSError(28, "No space left on device")
        return write(number, data[:3])

    monkeypatch.setattr("os.write", full)
    with pytest.raises(OSError, match="No space left"):
        file.append(b"torn!")
    monkeypatch.undo()
    assert (file.size, (tmp_path / "file").read_bytes()) == (5, b"whole")
    file.append(b"!")
    assert file.read(0, 10) == b"whole!"
    file.close()


def test_what_the_system_writes_and_reads_in_parts_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, pread = os.write, os.pread
    monkeypatch.setattr("os.write", lambda number, data: write(number, data[:3]))
    monkeypatch.setattr("os.pread", lambda number, size, at: pread(number, min(size, 2), at))
    file = DiskFile(tmp_path / "file")
    file.append(b"in many parts")
    assert file.read(3, 100) == b"many parts"
    assert file.read(3, 4) == b"many"
    file.close()


def test_a_close_waits_for_the_sync_in_the_other_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end = threading.Event(), threading.Event()
    order: list[str] = []

    def slow(number: int) -> None:
        began.set()
        assert may_end.wait(10)
        os.fstat(number)
        order.append("synced")

    monkeypatch.setattr(disk_module, "_sync", slow)
    file = DiskFile(tmp_path / "file")
    syncing = threading.Thread(target=file.sync)
    syncing.start()
    assert began.wait(10)

    def close() -> None:
        file.close()
        order.append("closed")

    closing = threading.Thread(target=close)
    closing.start()
    may_end.set()
    for thread in (syncing, closing):
        thread.join(10)
    assert order == ["synced", "closed"]


def test_a_new_folder_is_made_safe_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(disk_module, "_sync_folder", lambda path: synced.append(path.name))
    volume = DiskVolume(tmp_path / "new")
    volume.sync()
    volume.sync()
    assert synced == ["new", tmp_path.name, "new"]
    DiskVolume(tmp_path / "new").sync()
    assert synced[3:] == ["new"]


def test_the_disk_in_memory_dies_where_it_is_told_to() -> None:
    volume = MemoryVolume(Disk(dies_at=5, choose=lambda bound: bound // 2))
    file = volume.open("a")
    file.append(b"safe")
    file.sync()
    file.append(b"kept")
    with pytest.raises(Died):
        file.append(b"torn in two")
    assert volume.after_kill().read("a") == b"safekepttorn i"
    lost = MemoryVolume.after_power_loss(volume, lambda bound: 0)
    assert lost.names() == []
    volume.disk.dies_at = None
    volume.sync()
    assert volume.after_power_loss(lambda bound: 0).read("a") == b"safe"
    assert volume.after_power_loss(lambda bound: bound - 1).read("a") == volume.read("a")
