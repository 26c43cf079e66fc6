"""Opening a session file: what comes out of it, and what is refused in both languages."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from stend.kit.languages import Language
from stend.runtime import opening
from stend.runtime.opening import Opened, opened
from stend.runtime.refusals import RefusalError
from stend.tap.files.session import Extras, save
from tests.fakes.sessions import FAULT, extras_of, recorded, written
from tests.fakes.spans import TRACE
from tests.fakes.wire import BANK, SHOP
from tests.tap.files.recordings import recording
from tests.wire.captures import FOLDER


def test_a_session_is_there_with_its_exchanges_traces_taps_and_faults(tmp_path: Path) -> None:
    session = opened(written(tmp_path / "a.stend.zip", FAULT))
    (seen,) = session.wire.reading.all()
    assert (seen.id, seen.exchange.first.name) == ("c1.1", "POST /soap/bank")
    assert [(one.place, one.port) for one in session.wire.taps()] == [(BANK, 40_001), (SHOP, 8_100)]
    assert session.wire.ring()["let_go_exchanges"] == 5
    assert session.exchanges == 1
    (trace,) = session.traces.recent(9)
    assert (trace.trace_id, trace.spans) == (TRACE, 3)
    (fault,) = session.told.faults
    assert (fault.kind, fault.source, fault.target, fault.seed) == (
        "latency",
        "orders",
        "payments",
        424_242,
    )
    assert (fault.numbers, fault.struck) == (("latency_ms=120", "jitter_ms=0"), 3)
    assert session.told.has_traces
    assert session.told.has_taps


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.stend.zip")), ids=lambda path: path.name)
def test_files_of_format_1_open_without_traces(path: Path) -> None:
    session = opened(path)
    assert session.exchanges
    assert session.wire.is_on
    assert not session.told.has_traces
    assert session.traces.held().traces == 0


def test_a_stand_without_taps_is_told_from_one_that_nothing_passed(tmp_path: Path) -> None:
    def session(extras: Extras) -> Opened:
        path = tmp_path / "a.zip"
        path.write_bytes(save(recording(), extras))
        return opened(path)

    without = session(Extras("0.1.0", "2026-09-21T13:46:40Z", taps=()))
    assert (without.wire.is_on, without.told.has_taps) == (False, False)
    silent = session(Extras("0.1.0", "2026-09-21T13:46:40Z", taps=((SHOP, 8_100),)))
    assert (silent.wire.is_on, silent.told.has_taps) == (True, True)


def _with(tmp_path: Path, **changes: object) -> Path:
    """A session whose manifest tells something else."""
    store_file = written(tmp_path / "source.zip", FAULT)
    made = BytesIO()
    with ZipFile(store_file) as source, ZipFile(made, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "session.json":
                data = json.dumps(json.loads(data) | changes).encode()
            archive.writestr(name, data)
    path = tmp_path / "changed.zip"
    path.write_bytes(made.getvalue())
    return path


def _bytes(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    return path


def _wrong_spans(tmp_path: Path) -> Path:
    made, store = recorded()
    extras = extras_of(store)
    assert extras.traces
    return _bytes(
        tmp_path,
        save(made, Extras("0.1.0", extras.saved_at, traces=extras.traces._replace(otlp=b"\xff"))),
    )


_WHOLE = {key: value for key, value in FAULT.items() if key != "seed"}


@pytest.mark.parametrize(
    ("make", "en", "ru"),
    [
        (lambda folder: folder / "none.zip", "cannot be opened: No such file", "не открыть"),
        (lambda folder: folder, "no session of stend. Got: a folder or a device", "не сессия"),
        (lambda folder: _bytes(folder, b""), "no session of stend", "не сессия"),
        (lambda folder: _bytes(folder, b"\x0a\x0d\x0d\x0a"), "not a zip file", "не сессия"),
        (lambda folder: _bytes(folder, b"PK\x03\x04half"), "is damaged", "повреждён"),
        (lambda folder: _with(folder, format=3), "newer stend. Got: format 3", "более новый"),
        (lambda folder: _with(folder, saved_at="noon"), "saved_at", "повреждён"),
        (
            lambda folder: _with(folder, saved_at="0001-01-01T00:00:00+09:00"),
            "saved_at",
            "saved_at",
        ),
        (lambda folder: _with(folder, faults=[1]), "faults.0", "повреждён"),
        (lambda folder: _with(folder, faults=[_WHOLE]), "faults.0.seed", "faults.0.seed"),
        (_wrong_spans, "no ExportTraceServiceRequest", "повреждён"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_what_was_expected_and_what_to_do(
    tmp_path: Path, make: object, en: str, ru: str
) -> None:
    assert callable(make)
    with pytest.raises(RefusalError) as refused:
        opened(make(tmp_path))
    text = refused.value.text
    assert en in text[Language.EN]
    assert ru in text[Language.RU]
    assert "Expected: " in text.en
    assert "Ожидается" in text.ru
    for language in Language:
        assert "stend tap export FILE.stend.zip" in text[language]


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.zip")
    monkeypatch.setattr(opening, "FILE_LIMIT_BYTES", 100)
    with pytest.raises(RefusalError, match=r"too large. Got: \d+ bytes. Expected: at most 100"):
        opened(path)
