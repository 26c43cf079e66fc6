"""The templates of deploy/nginx beside the shop that they route to, and the stand's own gateway."""

import json
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from stend.engines.nginx import config
from stend.engines.nginx.binaries import nginx_binary, version_of
from stend.runtime.services import PLANS
from stend.shop.delivery.api.grpc.stubs import delivery_pb2
from stend.shop.orders.api.grpc.stubs import orders_pb2
from tests.conftest import PROJECT
from tests.deploy.gateway_files import TEMPLATES, environment

COMPOSE = PROJECT / "deploy" / "compose" / "compose.yaml"
ROUTE = re.compile(r'^ +"~\^(?P<path>[^"]+?)\(/\|\$\)" +(?P<service>\w+);$', re.MULTILINE)
UPSTREAM = re.compile(
    r"^upstream (\w+) \{\n    zone (\w+) 64k;\n    server \$\{(\w+)\} ", re.MULTILINE
)
VARIABLE = re.compile(r"\$\{?([A-Z]\w*)")
PROBLEM = re.compile(
    r"^error_page (?P<statuses>[\d ]+) =(?P<status>\d+) /\.gateway/(?P=status);\n"
    r"location = /\.gateway/(?P=status) \{\n(?P<inside>.*?)^\}$",
    re.MULTILINE | re.DOTALL,
)
SAID = re.compile(r"return (\d+) '(.*)';")


@dataclass(frozen=True, slots=True)
class Said:
    """What a page of an error says, as a client sees it; `detail` may differ."""

    statuses: str
    status: int
    code: str
    retry_after: str


def routes() -> list[tuple[str, str]]:
    found = ROUTE.finditer(TEMPLATES["routes.conf.template"])
    return [(one["path"].replace("\\.", "."), one["service"]) for one in found]


def test_every_path_of_every_service_is_routed_and_no_other() -> None:
    wanted = [(path, plan.name) for plan in PLANS.values() for path in plan.paths]
    assert sorted(routes()) == sorted(wanted)


def test_the_longer_of_two_paths_comes_first() -> None:
    paths = [path for path, _ in routes()]
    for place, path in enumerate(paths):
        assert not any(path.startswith(f"{earlier}/") for earlier in paths[:place]), path


def test_the_packages_of_grpc_are_those_of_the_contracts() -> None:
    delivery, orders = (one.DESCRIPTOR.package for one in (delivery_pb2, orders_pb2))
    routed = re.search(
        r'map \$uri \$grpc_service \{\n    "~\^/(.+)" (\w+);\n    default (\w+);', all_text()
    )
    assert routed is not None
    assert routed.groups() == (r"lavka\.delivery\.", "delivery_grpc", "orders_grpc")
    prefix = routed[1].replace("\\", "")
    assert (f"{delivery}.".startswith(prefix), f"{orders}.".startswith(prefix)) == (True, False)


def all_text() -> str:
    return "\n".join(TEMPLATES.values())


@pytest.mark.parametrize("name", ["gateway.md", "gateway.ru.md"])
def test_the_page_lists_every_route(name: str) -> None:
    page = (PROJECT / "docs" / name).read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(/[^`…]+)` \| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(routes())


def test_every_service_with_a_route_has_its_upstream() -> None:
    upstreams = UPSTREAM.findall(TEMPLATES["upstreams.conf.template"])
    assert [(name, zone) for name, zone, _ in upstreams] == [(name, name) for name, *_ in upstreams]
    http = {name: variable for name, _, variable in upstreams if not name.endswith("_grpc")}
    assert http == {name: f"{name.upper()}_HTTP" for _, name in routes()}
    grpc = {name: variable for name, _, variable in upstreams if name.endswith("_grpc")}
    assert grpc == {"orders_grpc": "ORDERS_GRPC", "delivery_grpc": "DELIVERY_GRPC"}


def test_the_addresses_are_those_of_the_containers() -> None:
    given = {name: value for name, value in environment().items() if not name.startswith("NGINX")}
    for name, value in given.items():
        service, _, kind = name.partition("_")
        if kind == "HTTP":
            assert value == f"{service.lower()}:8000"
    assert (given["ORDERS_GRPC"], given["DELIVERY_GRPC"]) == ("orders:8001", "delivery:8002")


def test_every_variable_is_set_and_every_setting_is_used() -> None:
    used = set(chain.from_iterable(VARIABLE.findall(text) for text in TEMPLATES.values()))
    own = {name for name in environment() if not name.startswith("NGINX_")}
    # The image sets it.
    assert used == own | {"NGINX_LOCAL_RESOLVERS"}
    wanted = re.compile(environment()["NGINX_ENVSUBST_FILTER"])
    assert all(wanted.search(name) for name in used)


def pages() -> dict[int, tuple[Said, dict[str, object]]]:
    found = {}
    for page in PROBLEM.finditer(TEMPLATES["server/problems.conf.template"]):
        said = SAID.search(page["inside"])
        assert said is not None
        problem = json.loads(said[2])
        retry = re.search(r"add_header Retry-After (\S+) always;", page["inside"])
        status = int(said[1])
        code = str(problem["code"])
        found[status] = (Said(page["statuses"], status, code, retry[1] if retry else ""), problem)
    return found


def test_the_pages_of_errors_are_those_of_the_stands_own_gateway() -> None:
    own = config.Gateway("127.0.0.1", 8080, 8443, "a:1", "b:1", "c:1", None)
    wanted = {
        one.status: Said(one.statuses, one.status, one.code, one.retry_after)
        for one in config._problems(own)
    }
    # The stand's own has no limits.
    refused = Said("429", 429, "overloaded", "1")
    assert {status: said for status, (said, _) in pages().items()} == {**wanted, 429: refused}


@pytest.mark.parametrize("status", pages())
def test_a_page_of_an_error_is_a_problem(status: int) -> None:
    said, problem = pages()[status]
    assert problem["status"] == status
    assert problem["type"] == f"/errors/{said.code}"
    assert problem["title"] == said.code.replace("-", " ").capitalize()


@pytest.mark.parametrize("module", ["proxy", "grpc"])
def test_services_are_told_what_the_stands_own_gateway_tells(module: str) -> None:
    lines = TEMPLATES["server/forwarding.conf.template"].splitlines()
    told = {line for line in lines if line.startswith(f"{module}_set_header")}
    wanted = {line.strip() for line in config._set_headers(module).splitlines()}
    if module == "proxy":
        wanted |= {
            "proxy_set_header Upgrade $http_upgrade;",
            "proxy_set_header Connection $connection_to_service;",
        }
    assert told == wanted


# ---- in compose --------------------------------------------------------------------------------


def containers() -> dict[str, dict[str, Any]]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    services: dict[str, dict[str, Any]] = read["services"]
    return services


def mounts_of(name: str) -> dict[str, str]:
    """What is mounted, by where."""
    pairs = (mount.split(":")[:2] for mount in containers()[name]["volumes"])
    return {where: what for what, where in pairs}


def test_the_container_has_the_files_where_it_looks_for_them() -> None:
    mounts = mounts_of("nginx")
    assert mounts["/etc/nginx/nginx.conf"] == "../nginx/nginx.conf"
    assert mounts["/etc/nginx/templates"] == "../nginx/templates"
    assert containers()["nginx"]["env_file"] == "../nginx/gateway.env"
    given, written = environment(), [one.split(":")[0] for one in containers()["nginx"]["tmpfs"]]
    assert mounts[given["GATEWAY_TLS"]] == mounts_of("certificates")["/var/lib/stend/state"]
    assert "/etc/nginx/conf.d" in written
    assert str(PurePosixPath(given["GATEWAY_CACHE"]).parent) in written
    inside = [port.rpartition(":")[2] for port in containers()["nginx"]["ports"]]
    assert inside == [given["GATEWAY_HTTP_PORT"], given["GATEWAY_HTTPS_PORT"]]


def test_keys_belong_to_whom_the_gateway_runs_as() -> None:
    dockerfile = (PROJECT / "deploy" / "images" / "Dockerfile").read_text(encoding="utf-8")
    user = containers()["nginx"]["user"].partition(":")[0]
    assert f"USER {user}\n" in dockerfile


def test_the_version_is_the_one_that_the_check_runs() -> None:
    tag = containers()["nginx"]["image"].partition(":")[2]
    assert tag.partition("-")[0] == version_of(nginx_binary())
