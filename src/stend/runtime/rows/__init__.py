"""Every setting is one row: name, type, default, help. The rows make the tree and the docs."""

from stend.runtime.rows.engines import ENGINE_ROWS
from stend.runtime.rows.row import Row
from stend.runtime.rows.services import ORDERS_DEMO_SECRET, SERVICE_ROWS
from stend.runtime.rows.stand import SERVICES, STAND_ROWS, EngineMode
from stend.runtime.rows.traces import TRACE_ROWS

__all__ = ["ORDERS_DEMO_SECRET", "ROWS", "SERVICES", "VARIABLES", "EngineMode", "Row"]

# In the order in which the docs have them.
ROWS: tuple[Row, ...] = (*STAND_ROWS, *ENGINE_ROWS, *SERVICE_ROWS, *TRACE_ROWS)
# Of the environment, by the names of the settings.
VARIABLES = {row.name: row.variable for row in ROWS}
