"""Use-case outputs as JSON. Pure."""

from collections.abc import Mapping
from datetime import datetime

from pydantic_core import to_json

from stend.kit.clock import rfc3339
from stend.kit.json import JsonObject
from stend.shop.analytics.domain import MART_COLUMNS, Freshness, Lag, MartName
from stend.shop.analytics.usecases import MartList, MartReport

ROOT = "/api/v1/analytics/marts"
JSON_MEDIA_TYPE = "application/json"
TITLES: Mapping[MartName, str] = {
    MartName.ORDERS_BY_HOUR: "Orders by the hour in which they were placed, newest first",
    MartName.DELIVERY_TIME_BY_STORE: "Seconds from placed to delivered, by dark store",
    MartName.PRODUCTS_SOLD: "Pieces and revenue of delivered orders, by product",
}


def list_to_json(marts: MartList) -> JsonObject:
    return {
        "marts": [
            {
                "name": name.value,
                "title": TITLES[name],
                "columns": list(MART_COLUMNS[name]),
                "href": f"{ROOT}/{name}",
            }
            for name in marts.names
        ],
        "freshness": _freshness_to_json(marts.freshness),
        "lag": _lag_to_json(marts.lag),
    }


def report_to_json(report: MartReport) -> JsonObject:
    table = report.table
    columns = MART_COLUMNS[table.name]
    return {
        "name": table.name.value,
        "title": TITLES[table.name],
        "rows": [dict(zip(columns, row, strict=True)) for row in table.rows],
        "more": table.more,
        "freshness": _freshness_to_json(table.freshness),
        "lag": _lag_to_json(report.lag),
    }


def dump(members: JsonObject) -> bytes:
    return to_json(members)


def _freshness_to_json(freshness: Freshness) -> JsonObject:
    return {
        "sequence": freshness.sequence,
        "committed_at": _moment(freshness.committed_at),
        "newest_event_at": _moment(freshness.newest_event_at),
        "facts": freshness.facts,
        "rejected": freshness.rejected,
        "restarts": freshness.restarts,
    }


def _lag_to_json(lag: Lag) -> JsonObject:
    return {
        "records": lag.records,
        "failure": lag.failure,
        "partitions": [
            {
                "topic": one.partition.topic,
                "partition": one.partition.number,
                "position": one.position,
                "records": one.records,
            }
            for one in lag.partitions
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
