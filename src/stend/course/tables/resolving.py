"""Values of a message by their paths."""

from collections.abc import Iterator, Sequence

from stend.course.tables.paths import EACH, Part, Path
from stend.course.tables.problems import RefusedError, shown
from stend.course.tables.steps import MISSING, Value


def resolve(message: Value, path: Path, indices: Sequence[int]) -> list[Value]:
    """
    Args:
        indices: which element is meant by the first `[]`, and so on.

    Returns:
        One value, MISSING where there is none; several where more `[]` are left.

    Raises:
        RefusedError: the message has something else on the way.
    """
    return list(_resolve(message, path, 0, list(indices)))


def _resolve(value: Value, path: Path, at: int, indices: list[int]) -> Iterator[Value]:
    for place, part in enumerate(path.parts[at:], at):
        if value is MISSING or value is None:
            yield MISSING
            return
        if isinstance(part, str):
            value = _member(value, path, place, part)
        elif part is not EACH:
            value = _element(_array(value, path, place), part)
        elif indices:
            value = _element(_array(value, path, place), indices.pop(0))
        else:
            for one in _array(value, path, place):
                yield from _resolve(one, path, place + 1, [])
            return
    yield value


def indices_of(message: Value, array: Path) -> Iterator[tuple[tuple[int, ...], int]]:
    """
    Args:
        array: a path that ends with `[]`.

    Yields:
        For each array that the path leads to the indices on the way, and its size; those that are
        not there are left out.
    """
    outer = array.arrays[-2] if len(array.arrays) > 1 else None
    around = (
        [()]
        if outer is None
        else [(*one, at) for one, size in indices_of(message, outer) for at in range(size)]
    )
    inner = Path(array.parts[:-1])
    for indices in around:
        value = resolve(message, inner, indices)[0]
        if value is not MISSING and value is not None:
            yield indices, len(_array(value, array, len(array.parts) - 1))


def _member(value: Value, path: Path, place: int, name: str) -> Value:
    if not isinstance(value, dict):
        raise _unexpected(value, path, place, "объект", "an object")
    return value.get(name, MISSING)


def _array(value: Value, path: Path, place: int) -> Sequence[Value]:
    if not isinstance(value, list):
        raise _unexpected(value, path, place, "массив", "an array")
    return value


def _element(array: Sequence[Value], at: int) -> Value:
    return array[at] if at < len(array) else MISSING


def _unexpected(value: Value, path: Path, place: int, ru: str, en: str) -> RefusedError:
    before: tuple[Part, ...] = path.parts[:place]
    told = str(Path(before)) or "$"
    return RefusedError(
        f"{path}: в {told} ожидался {ru}, а в сообщении {shown(value)}.",
        f"{path}: {en} is expected in {told}, the message has {shown(value)}.",
    )
