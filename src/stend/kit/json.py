"""The types of a parsed JSON text (RFC 8259)."""

from typing import TypeAlias, Union

# Union, and not bars: only the recursive members may stay strings until they are looked at.
JsonValue: TypeAlias = Union[bool, int, float, str, "list[JsonValue]", "dict[str, JsonValue]", None]
JsonObject: TypeAlias = dict[str, JsonValue]
