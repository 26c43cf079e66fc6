"""A saved session as the pages over it tell of it: when, by whom, and which faults were set."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from stend.kit.languages import Text
from stend.tap.disturb.catalogue import KINDS
from stend.tap.files.session import Extras, damaged


class _FaultRow(BaseModel):
    """A fault as the API tells of it; what a later version adds is left out."""

    model_config = ConfigDict(strict=True, extra="ignore")

    kind: str
    source: str
    target: str
    numbers: dict[str, int | float]
    probability: int | float
    seed: int
    struck: int


@dataclass(frozen=True, slots=True)
class SavedFault:
    """A fault that was set when the session was saved.

    Attributes:
        title: of its kind; its name where this stend does not know it.
        numbers: `name=value` each.
        struck: how often until then.
    """

    kind: str
    title: Text
    source: str
    target: str
    numbers: tuple[str, ...]
    probability: float
    seed: int
    struck: int


@dataclass(frozen=True, slots=True)
class SavedSession:
    """
    Attributes:
        stend: version that saved it.
        has_taps: False where its stand ran without them: nothing was recorded.
        has_traces: False where the file has none, because an earlier version has saved it.
        is_counted: False where it does not tell how many exchanges the ring had let go.
    """

    saved_at: datetime
    stend: str
    faults: tuple[SavedFault, ...]
    has_taps: bool
    has_traces: bool
    is_counted: bool


def saved_session(extras: Extras, let_go_bytes: int) -> SavedSession:
    """
    Args:
        let_go_bytes: by the ring, before it was saved.

    Raises:
        SessionError: what stands beside the recording is not what a stand writes.
    """
    return SavedSession(
        saved_at=_moment(extras.saved_at),
        stend=extras.stend[:40],
        faults=tuple(_faults(extras)),
        has_taps=extras.taps is None or bool(extras.taps),
        has_traces=extras.traces is not None,
        is_counted=extras.let_go_exchanges is not None or not let_go_bytes,
    )


def _faults(extras: Extras) -> Iterator[SavedFault]:
    for number, told in enumerate(extras.faults):
        try:
            row = _FaultRow.model_validate(told)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in ("faults", number, *first["loc"]))
            raise damaged(f"{where}: {first['msg']}") from None
        kind = KINDS.get(row.kind)
        yield SavedFault(
            row.kind,
            kind.title if kind else Text(row.kind, row.kind),
            row.source,
            row.target,
            tuple(f"{name}={value:g}" for name, value in row.numbers.items()),
            float(row.probability),
            row.seed,
            row.struck,
        )


def _moment(told: str) -> datetime:
    try:
        moment = datetime.fromisoformat(told)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise damaged(f"saved_at: {told[:40]!r} is no moment") from None
