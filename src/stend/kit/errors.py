"""The shape of every error: what happened, the value, what was expected, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from stend.kit.json import JsonObject


class Blame(Enum):
    """Who has to act. Only a bug in the stand may ever come with a traceback."""

    CALLER = "caller"
    PEER = "peer"
    STAND = "stand"


class EdgeErrorCode(StrEnum):
    """Refusals that no domain knows: they arise where a message enters or a part is missing."""

    MALFORMED_MESSAGE = "malformed-message"
    INVALID_ARGUMENT = "invalid-argument"
    MESSAGE_TOO_LARGE = "message-too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    NO_SUCH_OPERATION = "no-such-operation"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    OVERLOADED = "overloaded"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule inside a message: `where` is a JSON pointer (RFC 6901) or a field path."""

    where: str
    rule: str


class StendError(Exception):
    """An error with a stable code and a page in `docs/errors.md`.

    Args:
        code: stable code, the same over every protocol.
        what: what happened, one sentence, in English (protocol messages are not translated).
        value: the offending value as text, or None where there is none to show.
        expected: what would have been accepted.
        next_step: what the reader should do now.
        blame: who has to act.
        violations: broken rules, one per field, where the message had several.
    """

    def __init__(
        self,
        code: StrEnum,
        what: str,
        *,
        value: str | None = None,
        expected: str = "",
        next_step: str = "",
        blame: Blame = Blame.CALLER,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.value = value
        self.expected = expected
        self.next_step = next_step
        self.blame = blame
        self.violations = violations

    @property
    def detail(self) -> str:
        """The whole error as prose, for protocols that carry one string."""
        parts = [self.what if self.value is None else f"{self.what} Got: {self.value}."]
        if self.expected:
            parts.append(f"Expected: {self.expected}.")
        if self.next_step:
            parts.append(self.next_step)
        return " ".join(parts)


# A gRPC client reads 8 KB of trailers by default, and nobody corrects more than this at once.
_MOST_VIOLATIONS = 10


def broken_rules(
    code: StrEnum, what: str, violations: Sequence[Violation], next_step: str
) -> StendError:
    """One error for many broken rules; the first ten of them are told."""
    told = tuple(violations[:_MOST_VIOLATIONS])
    hidden = len(violations) - len(told)
    places = ", ".join(violation.where for violation in told)
    return StendError(
        code,
        what,
        value=f"{places} and {hidden} more" if hidden else places,
        expected="; ".join(dict.fromkeys(violation.rule for violation in told)),
        next_step=next_step,
        violations=told,
    )


def deadline_exceeded(timeout_s: float) -> StendError:
    return StendError(
        EdgeErrorCode.DEADLINE_EXCEEDED,
        "The operation did not finish before its deadline.",
        value=f"{timeout_s:g} s",
        expected="an answer in time",
        next_step="Retry with the same idempotency key; raise the deadline if this repeats.",
        blame=Blame.PEER,
    )


def unavailable(part: str, reason: str) -> StendError:
    return StendError(
        EdgeErrorCode.UNAVAILABLE,
        f"{part} cannot be reached.",
        value=reason,
        expected=f"a working {part}",
        next_step="Retry in a second; `stend status` shows the state of every part.",
        blame=Blame.PEER,
    )


def internal() -> StendError:
    """A bug of ours. The log has the traceback, the caller gets none of it."""
    return StendError(
        EdgeErrorCode.INTERNAL,
        "The stand failed while it handled this message.",
        next_step="This is a bug in the stand: `stend logs` has the details, please report it.",
        blame=Blame.STAND,
    )


def too_large(size_bytes: int | None, limit_bytes: int) -> StendError:
    return StendError(
        EdgeErrorCode.MESSAGE_TOO_LARGE,
        "The message is larger than this service reads.",
        value=None if size_bytes is None else f"{size_bytes} bytes",
        expected=f"at most {limit_bytes} bytes",
        next_step="Send less in one message.",
    )


def error_to_json(error: StendError) -> JsonObject:
    """The whole error. Members that say nothing are left out."""
    members: JsonObject = {
        "code": error.code.value,
        "detail": error.detail,
        "value": error.value,
        "expected": error.expected,
        "next_step": error.next_step,
        "violations": [{"where": one.where, "rule": one.rule} for one in error.violations],
    }
    return {name: member for name, member in members.items() if member not in (None, "", [])}
