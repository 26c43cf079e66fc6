"""What an update changed, as change streams tell of it (updateDescription)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stend.engines.mongo.query.values import identical


@dataclass(slots=True)
class Difference:
    """
    Attributes:
        updated: dotted paths with their new values.
        removed: dotted paths that are gone.
        truncated: arrays that became shorter, with their new sizes.
    """

    updated: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    truncated: list[dict[str, Any]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """As an event carries it."""
        return {
            "updatedFields": self.updated,
            "removedFields": self.removed,
            "truncatedArrays": self.truncated,
        }


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What has to be set and removed in `before`, as deep as possible, to have `after`."""
    found = Difference()
    _objects(found, "", before, after)
    return found


def _objects(
    found: Difference, prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    found.removed.extend(prefix + name for name in before if name not in after)
    for name, value in after.items():
        if name not in before:
            found.updated[prefix + name] = value
        else:
            _values(found, prefix + name, before[name], value)


def _values(found: Difference, path: str, before: Any, after: Any) -> None:
    if identical(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict) and _keeps_order(before, after):
        _objects(found, f"{path}.", before, after)
    elif isinstance(before, list) and isinstance(after, list) and before and after:
        _arrays(found, path, before, after)
    else:
        found.updated[path] = after


def _keeps_order(before: dict[str, Any], after: dict[str, Any]) -> bool:
    # Setting fields appends them: fields that stay must be first and in the order they had.
    staying = [name for name in before if name in after]
    return list(after)[: len(staying)] == staying and bool(staying)


def _arrays(found: Difference, path: str, before: list[Any], after: list[Any]) -> None:
    for at, value in enumerate(after):
        if at >= len(before):
            found.updated[f"{path}.{at}"] = value
        else:
            _values(found, f"{path}.{at}", before[at], value)
    if len(after) < len(before):
        found.truncated.append({"field": path, "newSize": len(after)})
