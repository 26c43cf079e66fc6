"""Names of a log's files, as in Kafka (LogFileUtils): the first offset and what it is. Pure."""

LOG = ".log"
INDEX = ".index"
TIME_INDEX = ".timeindex"
TRANSACTION_INDEX = ".txnindex"
SNAPSHOT = ".snapshot"
# Parts of one segment, in the order in which they are swapped and deleted.
PARTS = (LOG, INDEX, TIME_INDEX, TRANSACTION_INDEX)
DELETED = ".deleted"
CLEANED = ".cleaned"
SWAP = ".swap"
SCRATCH = ".tmp"
LOG_START = "log-start-offset-checkpoint"
CLEANER = "cleaner-offset-checkpoint"
_DIGITS = 20


def file_name(offset: int, kind: str) -> str:
    return f"{offset:0{_DIGITS}d}{kind}"


def offset_in(name: str, kind: str) -> int | None:
    """The offset in the name of a file of this kind; None when it is of another."""
    digits = name.removesuffix(kind)
    if len(name) != _DIGITS + len(kind) or len(digits) != _DIGITS or not digits.isdecimal():
        return None
    return int(digits)
