"""What an index is to be: the options of createIndexes, each taken or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import NUMERIC_TYPES, bson_type, equal, is_nan, type_alias
from stend.engines.mongo.store.rendering import rendered

ID_INDEX: Final = "_id_"
MAX_INDEXES: Final = 64
_MAX_FIELDS: Final = 32
_MAX_EXPIRY_S: Final = 2**31 - 1
_TOO_MANY_FIELDS: Final = 13103
_VERSION: Final = 2

_SWITCHES: Final = ("unique", "sparse", "hidden")
# What servers of today take and ignore.
_WITHOUT_MEANING: Final = frozenset({"background", "dropDups", "ns"})
_KNOWN: Final = frozenset(
    {"v", "key", "name", *_SWITCHES, "expireAfterSeconds", "partialFilterExpression", "collation"}
)
_OTHER_KINDS: Final = frozenset({"text", "2d", "2dsphere", "2dsphere_bucket", "hashed"})
# Options of kinds of indexes that this server does not have.
_OF_OTHER_KINDS: Final = frozenset(
    {
        "weights",
        "default_language",
        "language_override",
        "textIndexVersion",
        "2dsphereIndexVersion",
        "bits",
        "min",
        "max",
        "bucketSize",
        "wildcardProjection",
        "storageEngine",
        "prepareUnique",
        "clustered",
    }
)
_PARTIAL_OPERATORS: Final = frozenset(
    {"$eq", "$gt", "$gte", "$lt", "$lte", "$in", "$exists", "$type"}
)


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """
    Attributes:
        key: each path with 1 or -1, in order.
        partial: the filter of the documents that the index has; None for all.
        expire_after_s: of a TTL index.
    """

    name: str
    key: Mapping[str, Any]
    unique: bool = False
    sparse: bool = False
    hidden: bool = False
    partial: Mapping[str, Any] | None = None
    expire_after_s: Any = None

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.key)

    @property
    def directions(self) -> tuple[int, ...]:
        """1 or -1 for each path."""
        return tuple(1 if float(direction) > 0 else -1 for direction in self.key.values())

    @property
    def is_id(self) -> bool:
        return self.name == ID_INDEX

    def document(self) -> dict[str, Any]:
        """As listIndexes tells of it."""
        found: dict[str, Any] = {"v": _VERSION, "key": dict(self.key), "name": self.name}
        for switch in _SWITCHES:
            if getattr(self, switch):
                found[switch] = True
        if self.partial is not None:
            found["partialFilterExpression"] = dict(self.partial)
        if self.expire_after_s is not None:
            found["expireAfterSeconds"] = self.expire_after_s
        return found

    def is_equivalent(self, other: "IndexSpec") -> bool:
        """Whether both would be the same index under two names (signature of an index)."""
        return (
            list(self.key) == list(other.key)
            and self.directions == other.directions
            and self.unique == other.unique
            and self.sparse == other.sparse
            and (self.partial is None) == (other.partial is None)
            and equal(self.partial or {}, other.partial or {})
        )

    def is_identical(self, other: "IndexSpec") -> bool:
        """Whether the options that do not tell indexes apart are the same too."""
        return (
            self.is_equivalent(other)
            and self.hidden == other.hidden
            and self.expire_after_s == other.expire_after_s
        )


ID_SPEC: Final = IndexSpec(ID_INDEX, {"_id": 1})


def parse_index(spec: Mapping[str, Any]) -> IndexSpec:
    """An index as createIndexes asks for it.

    Raises:
        MongoError: the index cannot be, or is of a kind that this server does not have.
    """
    _refuse_unknown(spec)
    key = _key(spec)
    name = _name(spec)
    if list(key) == ["_id"]:
        return _id_index(spec, key)
    if name == ID_INDEX:
        raise MongoError(
            Code.BadValue,
            f"The index name '_id_' is reserved for the _id index, which must have key pattern "
            f"{{_id: 1}}, found key: {rendered(key)}",
        )
    parsed = IndexSpec(
        name,
        key,
        **{switch: _switch(spec, switch) for switch in _SWITCHES},
        partial=_partial(spec),
        expire_after_s=_expiry(spec.get("expireAfterSeconds"), key)
        if "expireAfterSeconds" in spec
        else None,
    )
    if parsed.sparse and parsed.partial is not None:
        raise _cannot('cannot mix "partialFilterExpression" and "sparse" options')
    return parsed


def with_changes(spec: IndexSpec, *, hidden: bool | None, expire_after_s: Any) -> IndexSpec:
    """What collMod makes of an index; None for what it does not change.

    Raises:
        MongoError: the index cannot become that.
    """
    if hidden is not None:
        if spec.is_id:
            raise MongoError(Code.BadValue, "can't hide _id index")
        spec = replace(spec, hidden=hidden)
    if expire_after_s is not None:
        if spec.is_id:
            raise MongoError(Code.BadValue, "the _id field does not support TTL indexes")
        spec = replace(spec, expire_after_s=_expiry(expire_after_s, spec.key))
    return spec


def _cannot(message: str) -> MongoError:
    return MongoError(Code.CannotCreateIndex, message)


def _refuse_unknown(spec: Mapping[str, Any]) -> None:
    for name, value in spec.items():
        if name in _OF_OTHER_KINDS and not (name == "storageEngine" and value == {}):
            raise _cannot(f"The option '{name}' of an index is not supported by this server")
        if name not in _KNOWN | _WITHOUT_MEANING | _OF_OTHER_KINDS:
            raise MongoError(
                Code.InvalidIndexSpecificationOption,
                f"The field '{name}' is not valid for an index specification. "
                f"Specification: {rendered(spec)}",
            )
    version = spec.get("v", _VERSION)
    if bson_type(version) not in NUMERIC_TYPES:
        raise _wrong_type("v", version, "a number")
    if version != _VERSION:
        raise _cannot(f"Index version {rendered(version)} is not supported: only 2 is")
    collation = spec.get("collation", {"locale": "simple"})
    if not isinstance(collation, Mapping):
        raise _wrong_type("collation", collation, "object")
    if dict(collation) != {"locale": "simple"}:
        raise _cannot("Indexes with a collation other than 'simple' are not supported")


def _wrong_type(name: str, value: Any, expected: str) -> MongoError:
    return MongoError(
        Code.TypeMismatch,
        f"The field '{name}' must be {expected}, but got {type_alias(value)}",
    )


def _key(spec: Mapping[str, Any]) -> dict[str, Any]:
    if "key" not in spec:
        raise MongoError(
            Code.FailedToParse,
            "The 'key' field is a required property of an index specification",
        )
    key = spec["key"]
    if not isinstance(key, Mapping):
        raise _wrong_type("key", key, "an object")
    if not key:
        raise _cannot("Index keys cannot be empty.")
    if len(key) > _MAX_FIELDS:
        raise MongoError(_TOO_MANY_FIELDS, "too many compound keys")
    for path, kind in key.items():
        _check_kind(path, kind)
        _check_path(path)
    return dict(key)


def _check_kind(path: str, kind: Any) -> None:
    if isinstance(kind, str):
        if kind in _OTHER_KINDS:
            raise _cannot(f"Indexes of type '{kind}' are not supported by this server")
        raise _cannot(f"Unknown index plugin '{kind}'")
    if bson_type(kind) not in NUMERIC_TYPES:
        raise _cannot(
            f"Values in v:2 index key pattern cannot be of type {type_alias(kind)}. "
            "Only numbers > 0, numbers < 0, and strings are allowed."
        )
    if is_nan(kind):
        raise _cannot("Values in the index key pattern cannot be NaN.")
    if not float(str(kind)):
        raise _cannot("Values in the index key pattern cannot be 0.")
    if path == "$**" or path.endswith(".$**"):
        raise _cannot("Wildcard indexes are not supported by this server")


def _check_path(path: str) -> None:
    parts = path.split(".")
    if "" in parts:
        raise _cannot("Index keys cannot contain an empty field.")
    if any(part.startswith("$") for part in parts):
        raise _cannot("Index key contains an illegal field name: field name starts with '$'.")


def _name(spec: Mapping[str, Any]) -> str:
    if "name" not in spec:
        raise MongoError(
            Code.FailedToParse,
            "The 'name' field is a required property of an index specification",
        )
    name = spec["name"]
    if not isinstance(name, str):
        raise _wrong_type("name", name, "a string")
    if not name:
        raise _cannot("index name cannot be empty")
    if name == "*" or "\0" in name:
        raise MongoError(Code.BadValue, f"The index name '{name}' is not valid.")
    return name


def _id_index(spec: Mapping[str, Any], key: Mapping[str, Any]) -> IndexSpec:
    if key["_id"] != 1:
        raise MongoError(
            Code.BadValue,
            "The field 'key' for an _id index must be {_id: 1}, but got " + rendered(key),
        )
    for name in spec:
        if name in _KNOWN - {"v", "key", "name", "collation"}:
            raise MongoError(
                Code.InvalidIndexSpecificationOption,
                f"The field '{name}' is not valid for an _id index specification. "
                f"Specification: {rendered(spec)}",
            )
    return ID_SPEC


def _switch(spec: Mapping[str, Any], name: str) -> bool:
    value = spec.get(name, False)
    if bson_type(value) not in NUMERIC_TYPES | {8}:
        raise MongoError(
            Code.TypeMismatch,
            f"The field '{name}' has value {name}: {rendered(value)}, which is not convertible "
            "to bool",
        )
    return value is True or (not isinstance(value, bool) and bool(float(str(value))))


def _expiry(value: Any, key: Mapping[str, Any]) -> Any:
    if bson_type(value) not in NUMERIC_TYPES:
        raise _cannot(
            "TTL index 'expireAfterSeconds' option must be numeric, but received a type of "
            f"'{type_alias(value)}'. Index spec: {rendered(dict(key))}"
        )
    if is_nan(value) or not 0 <= float(str(value)) <= _MAX_EXPIRY_S:
        raise _cannot(
            "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a "
            f"different number. Index spec: {rendered(dict(key))}"
        )
    if len(key) > 1:
        raise _cannot(
            "TTL indexes are single-field indexes, compound indexes do not support TTL. "
            f"Index spec: {rendered(dict(key))}"
        )
    return value


def _partial(spec: Mapping[str, Any]) -> dict[str, Any] | None:
    if "partialFilterExpression" not in spec:
        return None
    expression = spec["partialFilterExpression"]
    if not isinstance(expression, Mapping):
        raise _wrong_type("partialFilterExpression", expression, "an object")
    _check_partial(expression)
    return dict(expression)


def _check_partial(expression: Mapping[str, Any]) -> None:
    for name, operand in expression.items():
        if name in {"$and", "$or"} and isinstance(operand, list):
            for part in operand:
                if isinstance(part, Mapping):
                    _check_partial(part)
        elif name.startswith("$"):
            raise _cannot(f"Expression not supported in partial index: {name}")
        elif isinstance(operand, Mapping) and any(key.startswith("$") for key in operand):
            _check_partial_operators(operand)


def _check_partial_operators(operand: Mapping[str, Any]) -> None:
    for operator, value in operand.items():
        is_taken = operator in _PARTIAL_OPERATORS and (operator != "$exists" or bool(value))
        if not is_taken:
            raise _cannot(f"Expression not supported in partial index: {operator}")
