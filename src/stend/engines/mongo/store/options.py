"""What a collection is to be: the options of create and collMod, each taken or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import type_alias

LEVELS: Final = ("off", "strict", "moderate")
ACTIONS: Final = ("error", "warn")

_INTERNAL: Final = frozenset({"admin", "config", "local"})
# Kinds of collections that this server does not have.
_REFUSED: Final = frozenset(
    {
        "viewOn",
        "pipeline",
        "timeseries",
        "clusteredIndex",
        "encryptedFields",
        "expireAfterSeconds",
        "temp",
        "flags",
    }
)
# With these values an option asks for nothing.
_WITHOUT_MEANING: Final[Mapping[str, tuple[Any, ...]]] = {
    "capped": (False,),
    "storageEngine": ({},),
    "indexOptionDefaults": ({}, {"storageEngine": {}}),
    "collation": ({"locale": "simple"},),
    "changeStreamPreAndPostImages": ({"enabled": False},),
    "autoIndexId": (True,),
}


@dataclass(frozen=True, slots=True)
class CollectionOptions:
    """
    Attributes:
        validator: the filter that documents have to match; empty for any.
        level: strict, moderate or off.
        action: error or warn.
    """

    validator: Mapping[str, Any] = field(default_factory=dict)
    level: str = "strict"
    action: str = "error"
    is_told: bool = False

    def document(self) -> dict[str, Any]:
        """As listCollections tells of them."""
        if not self.is_told:
            return {}
        found: dict[str, Any] = {"validator": dict(self.validator)} if self.validator else {}
        return found | {"validationLevel": self.level, "validationAction": self.action}


def parse_options(spec: Mapping[str, Any]) -> CollectionOptions:
    """The options of a create command.

    Raises:
        MongoError: one is unknown, wrong, or not supported.
    """
    told = {}
    for name, value in spec.items():
        if name in {"validator", "validationLevel", "validationAction"}:
            told[name] = value
        elif name == "idIndex":
            _check_id_index(value)
        else:
            _refuse(name, value, spec)
    return changed_options(CollectionOptions(), told)


def changed_options(options: CollectionOptions, told: Mapping[str, Any]) -> CollectionOptions:
    """The options with another validator, validationLevel or validationAction.

    Raises:
        MongoError: a value is none of those that there are.
    """
    if not told:
        return options
    validator = told.get("validator", options.validator)
    if not isinstance(validator, Mapping):
        raise MongoError(
            Code.TypeMismatch,
            f"BSON field 'create.validator' is the wrong type '{type_alias(validator)}', expected "
            "type 'object'",
        )
    return CollectionOptions(
        dict(validator),
        _one_of("validationLevel", told.get("validationLevel", options.level), LEVELS),
        _one_of("validationAction", told.get("validationAction", options.action), ACTIONS),
        is_told=True,
    )


def check_place(options: CollectionOptions, database: str, name: str) -> None:
    """
    Raises:
        MongoError: a collection with these options may not be there.
    """
    if options.validator and database in _INTERNAL:
        raise MongoError(
            Code.InvalidOptions,
            f"Document validators are not allowed on collection {database}.{name} in the "
            f"{database} internal database",
        )


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise MongoError(
            Code.TypeMismatch,
            f"BSON field 'create.{name}' is the wrong type '{type_alias(value)}', expected type "
            "'string'",
        )
    if value not in known:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{value}' for field 'create.{name}' is not a valid value.",
        )
    return value


def _check_id_index(spec: Any) -> None:
    is_plain = isinstance(spec, Mapping) and dict(spec.get("key", {})) == {"_id": 1}
    if not is_plain or set(spec) - {"key", "name", "v"} or spec.get("name", "_id_") != "_id_":
        raise MongoError(Code.BadValue, "The 'idIndex' can only be {key: {_id: 1}, name: '_id_'}")


def _refuse(name: str, value: Any, spec: Mapping[str, Any]) -> None:
    if name in {"size", "max"}:
        if spec.get("capped") is not True:
            raise MongoError(
                Code.InvalidOptions,
                "the 'capped' field needs to be true when either the 'size' or 'max' fields are "
                "present",
            )
        return
    if name in _WITHOUT_MEANING:
        if value in _WITHOUT_MEANING[name]:
            return
        raise MongoError(
            Code.NotImplemented,
            f"Collections with the option '{name}' are not supported by this server",
        )
    if name in _REFUSED:
        raise MongoError(
            Code.NotImplemented,
            f"Collections with the option '{name}' are not supported by this server",
        )
    raise MongoError(40415, f"BSON field 'create.{name}' is an unknown field.")
