"""What the chart says of the services and of the settings is what the code says.

What needs Helm is in scripts/deploy-checks.
"""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from stend import __version__
from stend.runtime.addresses import addresses_of
from stend.runtime.hops import _GOES_TO
from stend.runtime.migrating import MIGRATING
from stend.runtime.rows import ROWS, SERVICES
from stend.runtime.services import PLANS
from stend.runtime.settings import parse
from stend.shop.delivery.api.grpc.stubs import delivery_pb2
from stend.shop.orders.api.grpc.stubs import orders_pb2

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "stend"
# A service says "amqp" for the broker that the chart calls by its name.
NAMES = {"amqp": "rabbitmq"}
GRPC = {
    "orders": (8001, orders_pb2.DESCRIPTOR.services_by_name["Orders"].full_name),
    "delivery": (8002, delivery_pb2.DESCRIPTOR.services_by_name["Deliveries"].full_name),
}


def read(name: str) -> Any:
    return yaml.safe_load((CHART / name).read_text(encoding="utf-8"))


def schema() -> Any:
    return json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))


def test_the_table_has_every_service_with_its_paths_and_ports() -> None:
    table = read("files/services.yaml")
    assert set(table) == set(SERVICES)
    for name, facts in table.items():
        assert tuple(facts["paths"]) == PLANS[name].paths
        grpc = facts.get("grpc")
        assert GRPC.get(name) == (grpc and (grpc["port"], grpc["package"]))


def test_the_table_has_every_engine_and_every_peer_of_a_service() -> None:
    readers_of_kafka = addresses_of(parse({}, {}, {})).kafka_ports[0].behind_tap_of
    for name, facts in read("files/services.yaml").items():
        # Who issues tokens is a fact of its own: in one process nobody has to ask.
        goes_to = {NAMES.get(one, one) for one in _GOES_TO.get(name, ())} - {"identity"}
        goes_to |= {"kafka"} if name in readers_of_kafka else set()
        assert {*facts["engines"], *facts["peers"]} == goes_to


def test_migrations_go_to_the_engines_that_have_any() -> None:
    engines = read("files/engines.yaml")
    variables = {row.variable for row in ROWS}
    assert {facts["variable"] for facts in engines.values()} <= variables
    migrated = {name for name, facts in engines.items() if facts["migrated"]}
    assert migrated == {PLANS[name].uses[0] for name in MIGRATING}


def test_the_schema_lets_every_setting_through_that_the_chart_does_not_set() -> None:
    templates = "".join(path.read_text("utf-8") for path in CHART.rglob("templates/**/*.*"))
    spoken = re.sub(r"\{\{/\*.*?\*/\}\}", "", templates, flags=re.DOTALL)
    set_by_chart = {*re.findall(r"\bSTEND_[A-Z_]+", spoken)}
    set_by_chart |= {facts["variable"] for facts in read("files/engines.yaml").values()}
    # A stand has one folder, its own services and whichever engines it was given.
    set_by_chart |= {"STEND_STATE_DIR", "STEND_ENGINES", "STEND_ONLY"}
    # Nothing of the reader's is mounted into a pod.
    set_by_chart |= {"STEND_KAFKA_SSL_CA_LOCATION"}
    free = {row.name for row in ROWS if row.variable not in set_by_chart}
    assert set(schema()["properties"]["settings"]["properties"]) == free


def test_the_chart_is_made_for_this_version_of_stend() -> None:
    assert read("Chart.yaml")["appVersion"] == __version__


def test_every_value_is_known_to_the_schema() -> None:
    assert set(read("values.yaml")) == set(schema()["properties"]) - {"global"}
