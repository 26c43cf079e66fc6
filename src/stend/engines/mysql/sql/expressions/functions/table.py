"""All functions that take values and give a value."""

from stend.engines.mysql.sql.expressions.functions import (
    dates,
    flow,
    json,
    numbers,
    session,
    strings,
)
from stend.engines.mysql.sql.expressions.functions.call import Function

FUNCTIONS: dict[str, Function] = {
    **dates.TABLE,
    **flow.TABLE,
    **json.TABLE,
    **numbers.TABLE,
    **session.TABLE,
    **strings.TABLE,
}
