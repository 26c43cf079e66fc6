"""Dashboards and rules: complete, in both languages, about what the shop really counts."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from stend.chassis.metrics import REGISTRY
from stend.runtime.rows import SERVICES
from stend.shop.catalog.stores.cache import CACHE_REQUESTS
from tests.docs.pages import both

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS, GRAFANA = DEPLOY / "prometheus", DEPLOY / "grafana"
COMPOSE_FOLDER = DEPLOY / "compose"
LANGUAGES = ("en", "ru")
NAMES = sorted(path.stem for path in (GRAFANA / "dashboards" / "en").glob("*.json"))
# What a reader reads; everything else is the same in both languages.
_TEXTS = frozenset(
    {"title", "description", "legendFormat", "name", "noValue", "text", "uid", "tags"}
)
_COLUMNS = 24
# More do not fit a page that is taken in at a look.
_MOST_PANELS = 18
_SUFFIXES = ("_total", "_bucket", "_count", "_sum")
_OWN_METRIC = re.compile(r"(?<![\w:])(?:shop|stend)_\w+")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def dashboard(language: str, name: str) -> dict[str, Any]:
    path = GRAFANA / "dashboards" / language / f"{name}.json"
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def panels(language: str, name: str) -> list[dict[str, Any]]:
    """Those that draw something."""
    return [one for one in dashboard(language, name)["panels"] if one["type"] != "row"]


def rules(key: str) -> list[dict[str, Any]]:
    """
    Args:
        key: record or alert.
    """
    return [
        rule
        for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
        if key in rule
    ]


def without_texts(value: Any) -> Any:
    if isinstance(value, dict):
        # The datasource's uid is no text of a dashboard.
        return {
            key: one if key == "datasource" else without_texts(one)
            for key, one in value.items()
            if key not in _TEXTS
        }
    if isinstance(value, list):
        return [without_texts(one) for one in value]
    return value


def test_there_are_the_dashboards_of_the_stand_in_both_languages() -> None:
    assert NAMES == ["brokers", "databases", "protocols", "sagas", "shop", "slo"]
    for language in LANGUAGES:
        found = sorted(path.stem for path in (GRAFANA / "dashboards" / language).glob("*"))
        assert found == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_one_dashboard(name: str) -> None:
    english, russian = (dashboard(language, name) for language in LANGUAGES)
    assert without_texts(english) == without_texts(russian)
    for language, one in (("en", english), ("ru", russian)):
        assert one["uid"] == f"stend-{name}-{language}"
        assert one["tags"] == ["stend", language]
    for there, here in zip(panels("en", name), panels("ru", name), strict=True):
        assert not _CYRILLIC.search(json.dumps(there, ensure_ascii=False))
        assert _CYRILLIC.search(here["description"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_panel_says_what_it_shows_in_which_unit_and_where(name: str, language: str) -> None:
    drawn = panels(language, name)
    assert len(drawn) <= _MOST_PANELS
    everything = dashboard(language, name)["panels"]
    assert len({one["id"] for one in everything}) == len(everything)
    for panel in drawn:
        assert panel["title"]
        assert panel["description"][-1:] == "."
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"]
        assert defaults["noValue"]
        assert panel["targets"]
        for target in panel["targets"]:
            assert target["expr"]
            assert target["datasource"] == panel["datasource"]


@pytest.mark.parametrize("name", NAMES)
def test_panels_lie_side_by_side(name: str) -> None:
    places = [one["gridPos"] for one in dashboard("en", name)["panels"]]
    assert all(place["x"] + place["w"] <= _COLUMNS for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


def test_data_sources_of_dashboards_are_provisioned() -> None:
    path = GRAFANA / "provisioning" / "datasources" / "stend.yml"
    provisioned = {one["uid"] for one in yaml.safe_load(path.read_text("utf-8"))["datasources"]}
    used = {
        panel["datasource"]["uid"]
        for language in LANGUAGES
        for name in NAMES
        for panel in panels(language, name)
    }
    assert provisioned == {"prometheus", "jaeger"}
    assert used <= provisioned


def test_a_folder_of_grafana_holds_each_language() -> None:
    path = GRAFANA / "provisioning" / "dashboards" / "stend.yml"
    providers = yaml.safe_load(path.read_text("utf-8"))["providers"]
    assert {Path(one["options"]["path"]).name for one in providers} == set(LANGUAGES)


# ---- what they ask for ---------------------------------------------------------------------------


def expressions() -> Iterator[str]:
    for name in NAMES:
        for panel in panels("en", name):
            yield from (target["expr"] for target in panel["targets"])
    for kind in ("record", "alert"):
        yield from (rule["expr"] for rule in rules(kind))


def test_every_metric_of_the_shop_that_is_asked_for_is_counted() -> None:
    families = {family.name for family in REGISTRY.collect()}
    assert CACHE_REQUESTS in REGISTRY._collector_to_names
    for expression in expressions():
        for metric in _OWN_METRIC.findall(expression):
            stem = next((metric.removesuffix(end) for end in _SUFFIXES if metric.endswith(end)), "")
            assert metric in families or stem in families, metric


def test_every_metric_of_the_shop_is_drawn_or_watched() -> None:
    asked = " ".join(expressions())
    for collector in REGISTRY._collector_to_names:
        assert isinstance(collector, Counter | Gauge | Histogram)
        assert collector._name in asked, collector._name


def test_a_recorded_series_that_is_asked_for_has_its_rule() -> None:
    recorded = {rule["record"] for rule in rules("record")}
    asked = {name for one in expressions() for name in re.findall(r"[a-z_]+:[\w:]+", one)}
    assert asked <= recorded
    unused = recorded - asked
    assert not unused


# ---- rules ---------------------------------------------------------------------------------------


def targets() -> dict[str, list[str]]:
    """Of each job."""
    scraped = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    return {job["job_name"]: job["static_configs"][0]["targets"] for job in scraped}


def containers() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    started: dict[str, Any] = read["services"]
    return started


def test_every_service_is_scraped() -> None:
    assert targets()["shop"] == [f"{name}:8000" for name in SERVICES]


def test_whoever_is_scraped_is_a_container() -> None:
    for job, addresses in targets().items():
        hosts = {address.partition(":")[0] for address in addresses}
        assert hosts == {"127.0.0.1"} if job == "prometheus" else hosts <= set(containers())


def test_prometheus_keeps_what_the_longest_window_asks_for() -> None:
    (kept,) = (
        re.search(r"retention.time=(\d+)d", word)
        for word in containers()["prometheus"]["command"]
        if "retention.time" in word
    )
    asked = [int(days) for one in expressions() for days in re.findall(r"\[(\d+)d\]", one)]
    assert kept
    assert int(kept[1]) > max(asked)


def test_grafana_finds_in_its_container_what_lies_here() -> None:
    mounted = {
        there: COMPOSE_FOLDER / here
        for here, there in (
            mount.split(":")[:2]
            for mount in containers()["grafana"]["volumes"]
            if mount.startswith(".")
        )
    }
    read = yaml.safe_load(
        (GRAFANA / "provisioning" / "dashboards" / "stend.yml").read_text("utf-8")
    )
    for provider in read["providers"]:
        parent, _, language = provider["options"]["path"].rpartition("/")
        assert sorted(path.stem for path in (mounted[parent] / language).glob("*.json")) == NAMES
    home = containers()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    parent, language, name = home.rsplit("/", 2)
    assert (mounted[parent] / language / name).is_file()
    for source in yaml.safe_load(
        (GRAFANA / "provisioning" / "datasources" / "stend.yml").read_text("utf-8")
    )["datasources"]:
        assert urlsplit(source["url"]).hostname in containers()


def test_every_alert_has_its_words_its_page_and_its_test() -> None:
    tested = {
        case["alertname"]
        for path in (PROMETHEUS / "tests").glob("*.yml")
        for test in yaml.safe_load(path.read_text("utf-8"))["tests"]
        for case in test.get("alert_rule_test", ())
        if case["exp_alerts"]
    }
    for rule in rules("alert"):
        name = rule["alert"]
        assert name in tested
        assert rule["labels"]["severity"] in {"page", "ticket"}
        words = rule["annotations"]
        assert not _CYRILLIC.search(words["summary"])
        assert _CYRILLIC.search(words["summary_ru"])
        assert words["runbook"] == f"docs/monitoring.md#{name.lower()}"
        for page in both("docs/monitoring"):
            assert name in page.titles
