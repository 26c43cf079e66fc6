"""A unit as a page without scripts shows it: a list in a list, and the beginning of its bytes."""

from stend.kit.fields import Field
from stend.portal.units.rows import hex_lines, shown
from stend.tap.reading import Reading, Seen

_BYTES_WRITTEN = 4096
# The tree of a larger one is left to the script, which asks for it in any case.
LARGE_BYTES = 64 * 1024


def written(reading: Reading, seen: Seen, number: int) -> dict[str, object]:
    """The tree of a unit and the beginning of its bytes; none where the ring has let it go.

    Args:
        number: of the unit in its exchange, from 1.
    """
    unit = seen.exchange.units[number - 1]
    data = reading.data(seen, unit)
    if data is None:
        return {"is_kept": False}
    is_large = len(data) >= LARGE_BYTES
    fields: tuple[Field, ...] = () if is_large else unit.fields(data)
    return {
        "is_kept": True,
        "is_large": is_large,
        "fields": fields,
        "lines": list(hex_lines(data, _BYTES_WRITTEN)),
        "size": len(data),
        "shown": shown,
        "bytes_written": min(len(data), _BYTES_WRITTEN),
    }
