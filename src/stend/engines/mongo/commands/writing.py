"""Single writes to one collection, and batches of them: the core of all commands that write."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from bson import Timestamp

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.fields import (
    ARRAY,
    HINT,
    NUMBER,
    OBJECT,
    SWITCH,
    UPDATE,
    objects,
    required,
)
from stend.engines.mongo.commands.reading import (
    check_collation,
    found_collection,
    held,
    with_variables,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import Matcher, compile_filter
from stend.engines.mongo.query.values import decode
from stend.engines.mongo.sessions import TRANSIENT
from stend.engines.mongo.state import MAX_WRITES
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.options import CollectionOptions
from stend.engines.mongo.store.planner import Query, plan
from stend.engines.mongo.update.compiling import (
    Kind,
    Updater,
    compile_update,
    document_for_upsert,
)

Document = dict[str, Any]

UPDATE_SPEC: Final = {
    "q": required(OBJECT),
    "u": required(UPDATE),
    "c": OBJECT,
    "multi": SWITCH,
    "upsert": SWITCH,
    "arrayFilters": ARRAY,
    "hint": HINT,
    "collation": OBJECT,
    "sort": OBJECT,
}
DELETE_SPEC: Final = {
    "q": required(OBJECT),
    "limit": required(NUMBER),
    "hint": HINT,
    "collation": OBJECT,
}
_CONSTANTS_OF_PIPELINES: Final = 51198
_OTHER_WRITE: Final = 40606
# What a batch does not go on after, and what is no answer to one statement.
_FATAL: Final = frozenset({Code.MaxTimeMSExpired, Code.Interrupted, Code.InterruptedAtShutdown})


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one document.

    Attributes:
        before: None where an upsert made it.
        after: None where it was deleted.
    """

    before: Document | None
    after: Document | None
    is_modified: bool = True


@dataclass(slots=True)
class Writer:
    """Writes to one collection for one command.

    Attributes:
        is_checked: whether validators are asked.
        context: with the variables of `let`.
    """

    call: Call
    database: str
    name: str
    context: Context
    is_checked: bool = True

    def insert(self, document: Document) -> Document:
        """
        Raises:
            MongoError: it cannot be stored.
        """
        self._store(self._prepared(document))
        return {}

    def update(self, entry: Document) -> Document:
        """
        Args:
            entry: fields of UPDATE_SPEC.

        Returns:
            n, nModified, and `upserted` with the _id.

        Raises:
            MongoError: the update is wrong, or it cannot be done.
        """
        context = self._context(entry)
        updater = compile_update(
            entry["u"],
            array_filters=objects("arrayFilters", entry.get("arrayFilters", [])),
            context=context,
        )
        if entry.get("multi"):
            self._check_multi(entry, updater)
            matched, modified = self._update_all(entry, updater, context)
            found = {"n": matched, "nModified": modified}
        else:
            change = self.update_one(entry, updater, context)
            found = {
                "n": int(change is not None),
                "nModified": int(change is not None and change.is_modified),
            }
        if not found["n"] and entry.get("upsert"):
            inserted = self.upsert(entry["q"], updater)
            return {"n": 1, "nModified": 0, "upserted": inserted["_id"]}
        return found

    def delete(self, entry: Document) -> Document:
        """
        Args:
            entry: fields of DELETE_SPEC.
        """
        check_collation(entry)
        limit = entry["limit"]
        if limit not in (0, 1):
            raise MongoError(
                Code.FailedToParse,
                f"The limit field in delete objects must be 0 or 1. Got {limit}",
            )
        if limit:
            return {"n": int(self.delete_one(entry) is not None)}
        self._refuse_many()
        matcher = compile_filter(entry["q"], context=self.context)
        count = 0
        for record in self._records(entry, self.context):
            count += held(self.call, partial(self._delete, record, matcher)) is not None
            self.call.tick()
        return {"n": count}

    def update_one(self, entry: Document, updater: Updater, context: Context) -> Change | None:
        """The first document that matches; None where none does."""
        matcher = compile_filter(entry["q"], context=context)
        return self._on_first(entry, context, lambda record: self._update(record, matcher, updater))

    def delete_one(self, entry: Document) -> Change | None:
        """The first document that matches; None where none does."""
        matcher = compile_filter(entry["q"], context=self.context)
        return self._on_first(entry, self.context, lambda record: self._delete(record, matcher))

    def upsert(self, criteria: Document, updater: Updater) -> Document:
        """The document that was inserted, because none matched."""
        made = document_for_upsert(criteria, updater)
        if "_id" not in made:
            made = {"_id": self.call.state.new_id(), **made}
        self._store(made)
        return made

    def _on_first(
        self, entry: Document, context: Context, change: Callable[[int], Change | None]
    ) -> Change | None:
        def attempt() -> tuple[bool, Change | None]:
            record = next(iter(self._records(entry, context, limit=1)), None)
            return (True, None) if record is None else (False, change(record))

        while True:
            is_none, changed = held(self.call, attempt)
            if is_none or changed is not None:
                return changed
            # Others have changed it since it was found.

    def _update_all(self, entry: Document, updater: Updater, context: Context) -> tuple[int, int]:
        matcher = compile_filter(entry["q"], context=context)
        matched = modified = 0
        for record in self._records(entry, context):
            change = held(self.call, partial(self._update, record, matcher, updater))
            matched += change is not None
            modified += change is not None and change.is_modified
            self.call.tick()
        return matched, modified

    def _update(self, record: int, matcher: Matcher, updater: Updater) -> Change | None:
        """None where the document is gone or does not match any more."""
        collection, view = self._found(), self.call.view
        raw = collection.raw(record, view) if collection else None
        if collection is None or raw is None:
            return None
        before = decode(raw)
        match = matcher.match(before)
        if match is None:
            return None
        after = updater.apply(before, match, False)
        operation = "replace" if updater.kind is Kind.REPLACEMENT else "update"
        collection.replace(
            record, after, view, operation=operation, was=raw, is_checked=self.is_checked
        )
        # The same object until it changes.
        return Change(before, after, collection.raw(record, view) is not raw)

    def _delete(self, record: int, matcher: Matcher) -> Change | None:
        collection, view = self._found(), self.call.view
        raw = collection.raw(record, view) if collection else None
        if collection is None or raw is None:
            return None
        before = decode(raw)
        if not matcher.matches(before):
            return None
        collection.delete(record, view, was=raw)
        return Change(before, None)

    def _records(self, entry: Document, context: Context, limit: int = 0) -> Iterable[int]:
        query = Query(
            filter=entry["q"],
            sort=entry.get("sort") or {},
            limit=limit,
            hint=entry.get("hint"),
        )
        found = plan(self._found(), query, view=self.call.view, context=context).run()
        if limit:
            return (one.record for one in found)
        return [one.record for one in found]

    def _found(self) -> Collection | None:
        return found_collection(self.call, self.name, self.database)

    def _store(self, document: Document) -> None:
        def store() -> None:
            collection = self._found() or self.call.state.store.catalogue.create(
                self.database, self.name, CollectionOptions(), self.call.view
            )
            collection.insert(document, self.call.view, is_checked=self.is_checked)

        held(self.call, store)

    def _prepared(self, document: Document) -> Document:
        """With an _id, which is its first field, and with the time where it says so."""
        made = {
            "_id": document["_id"] if "_id" in document else self.call.state.new_id(),
            **document,
        }
        for name, value in made.items():
            # mongod fills in an empty timestamp at the top of an inserted document.
            if isinstance(value, Timestamp) and value.time == value.inc == 0 and name != "_id":
                made[name] = Timestamp(*(self.context.cluster_time or (1, 1)))
        return made

    def _context(self, entry: Document) -> Context:
        check_collation(entry)
        constants = entry.get("c")
        if constants is None:
            return self.context
        if isinstance(entry["u"], Mapping):
            raise MongoError(
                _CONSTANTS_OF_PIPELINES,
                "Constant values may only be specified for pipeline updates",
            )
        more = with_variables(constants, self.context).variables
        return replace(self.context, variables={**self.context.variables, **more})

    def _check_multi(self, entry: Document, updater: Updater) -> None:
        if updater.kind is Kind.REPLACEMENT:
            raise MongoError(
                Code.FailedToParse, "multi update is not supported for replacement-style update"
            )
        if entry.get("sort"):
            raise MongoError(Code.FailedToParse, "Cannot specify sort with multi=true")
        self._refuse_many()

    def _refuse_many(self) -> None:
        if self.call.has_numbered_statements:
            raise MongoError(
                Code.InvalidOptions, "Cannot use retryable writes with multi=true or limit=0"
            )


@dataclass(slots=True)
class Batch:
    """What became of a batch.

    Attributes:
        results: of those that were done, with their places in the batch.
        errors: of those that were not.
        retried: the numbers of statements that had been done before.
    """

    results: list[tuple[int, Document]] = field(default_factory=list)
    errors: list[tuple[int, MongoError]] = field(default_factory=list)
    retried: list[int] = field(default_factory=list)

    def reply(self) -> Document:
        """The fields that all write commands have."""
        found: Document = {}
        if self.errors:
            found["writeErrors"] = [write_error(index, error) for index, error in self.errors]
        if self.retried:
            found["retriedStmtIds"] = self.retried
        return found


def write_error(index: int, error: MongoError) -> Document:
    return {"index": index, "code": error.code, **error.details, "errmsg": error.message}


@dataclass(frozen=True, slots=True)
class Statement:
    """
    Attributes:
        kind: insert, update, delete or findAndModify.
        run: does it and gives what it is answered.
    """

    kind: str
    run: Callable[[], Document]


def run_batch(call: Call, statements: Sequence[Statement], numbers: Sequence[int]) -> Batch:
    """
    Args:
        numbers: of the statements of a retryable write.

    Raises:
        MongoError: the command as a whole fails.
    """
    batch = Batch()
    is_ordered = call.fields.get("ordered", True)
    try:
        for index, statement in enumerate(statements):
            if not _run_one(call, batch, index, statement, numbers[index]) and is_ordered:
                break
            if call.in_transaction and batch.errors:
                break
            call.tick()
    finally:
        if call.is_unsaved:
            call.save_answers()
    if call.in_transaction and batch.errors and call.session:
        call.state.sessions.abort(call.session)
    return batch


def answered_before(call: Call, kind: str, number: int) -> Document | None:
    """What this statement of a retryable write was answered; None where it is new.

    Raises:
        MongoError: the statement of that number was another write.
    """
    if not call.has_numbered_statements or call.session is None:
        return None
    found = call.session.answered(number)
    if found is not None and _kind_of(found) != kind:
        raise MongoError(
            _OTHER_WRITE,
            f"statement {number} of txnNumber {call.number} is retried as {kind}, and was "
            f"{_kind_of(found)} before",
        )
    return found


def _kind_of(answer: Document) -> str:
    if "lastErrorObject" in answer:
        return "findAndModify"
    if "nModified" in answer:
        return "update"
    return "delete" if "n" in answer else "insert"


def _run_one(call: Call, batch: Batch, index: int, statement: Statement, number: int) -> bool:
    session = call.session if call.has_numbered_statements else None
    answered = answered_before(call, statement.kind, number)
    if answered is not None:
        batch.retried.append(number)
        batch.results.append((index, answered))
        return True
    try:
        result = statement.run()
    except MongoError as error:
        if error.code in _FATAL or TRANSIENT in error.labels:
            raise
        batch.errors.append((index, error))
        return False
    if session:
        session.keep(number, result)
        call.is_unsaved = True
    batch.results.append((index, result))
    return True


def statement_numbers(call: Call, count: int) -> Sequence[int]:
    """What the client numbers its statements with: 0, 1, 2, … where it does not say.

    Raises:
        MongoError: it says too few.
    """
    if "stmtId" in call.fields:
        first = call.fields["stmtId"]
        return range(first, first + count)
    told: list[int] | None = call.fields.get("stmtIds")
    if told is None:
        return range(count)
    if len(told) != count:
        raise MongoError(
            Code.InvalidOptions,
            f"Number of statement ids must match the number of batch entries. Got {len(told)} "
            f"statement ids but operation size is {count}",
        )
    return told


def check_size(count: int) -> None:
    """
    Raises:
        MongoError: a batch of so many writes is none.
    """
    if not 1 <= count <= MAX_WRITES:
        raise MongoError(
            Code.InvalidLength,
            f"Write batch sizes must be between 1 and {MAX_WRITES}. Got {count} operations.",
        )
