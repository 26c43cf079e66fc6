"""Error pages: every code of every service, in both languages, as every protocol says it."""

import importlib
import importlib.util
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum

import httpx
import pytest

import stend.shop
from stend.kit.errors import EdgeErrorCode
from stend.portal.error_pages import statuses
from stend.portal.error_pages.index import GROUPS, all_pages, page_of
from stend.portal.error_pages.page import ErrorPage
from stend.portal.error_pages.statuses import Carrier, carriers, statuses_of

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
SERVICES = [module.name for module in pkgutil.iter_modules(stend.shop.__path__)]
# What nobody pays for before a page of errors is opened.
HEAVY = ("strawberry", "lxml", "zeep", "xmlschema", "mcp", "duckdb", "ibis")


def enums_of(service: str) -> Iterator[type[StrEnum]]:
    """The error codes of a service, wherever its domain keeps them."""
    root = importlib.import_module(f"stend.shop.{service}.domain")
    inner = pkgutil.iter_modules(getattr(root, "__path__", ()))
    for name in (root.__name__, *(f"{root.__name__}.{module.name}" for module in inner)):
        for word, value in vars(importlib.import_module(name)).items():
            own = inspect.isclass(value) and value.__module__ == name
            if own and word.endswith("ErrorCode"):
                yield value


CODES = {service: [code for enum in enums_of(service) for code in enum] for service in SERVICES}


def tables() -> dict[tuple[str, str], set[str]]:
    """Every table of faults by service and protocol folder, found in the source."""
    found = {}
    for service in SERVICES:
        api = importlib.import_module(f"stend.shop.{service}.api")
        for folder in pkgutil.iter_modules(api.__path__):
            name = f"{api.__name__}.{folder.name}.faults"
            if folder.ispkg and importlib.util.find_spec(name):
                faults = importlib.import_module(name).FAULTS
                found[service, folder.name] = {code.value for code in faults}
    return found


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.code)
def test_error_page_is_in_both_languages(page: ErrorPage) -> None:
    for text in (page.meaning, page.cause, page.action):
        assert CYRILLIC.search(text.ru)
        assert not CYRILLIC.search(text.en)
        assert text.ru.endswith(".")
        assert text.en.endswith(".")


@pytest.mark.parametrize("service", SERVICES)
def test_every_code_of_a_service_has_a_page(service: str) -> None:
    assert CODES[service]
    assert [code for code in CODES[service] if page_of(code) is None] == []
    group = next(group for group in GROUPS if group.name == service)
    assert [page.code for page in group.pages] == CODES[service]


def test_every_code_of_the_edge_has_a_page_and_no_page_is_of_no_code() -> None:
    assert [page.code for page in GROUPS[0].pages] == list(EdgeErrorCode)
    known = {*EdgeErrorCode, *(code for codes in CODES.values() for code in codes)}
    assert {page.code.value for page in all_pages()} == {code.value for code in known}


def test_every_table_of_faults_is_told_whole() -> None:
    told = {
        (carrier.service, carrier.protocol.lower()): set(carrier.words) for carrier in carriers()
    }
    assert told == tables()


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.code)
def test_code_is_told_by_every_protocol_that_can_carry_it(page: ErrorPage) -> None:
    told = {status.protocol.lower() for status in statuses_of(page.code)}
    assert told == {protocol for (_, protocol), codes in tables().items() if page.code in codes}


def test_services_are_named_where_they_say_a_code_differently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = EdgeErrorCode.OVERLOADED
    words = {"one": "503 Overloaded", "two": "429 Overloaded", "three": "503 Overloaded"}
    said = [Carrier(service, "rest", {code.value: one}) for service, one in words.items()]
    with monkeypatch.context() as patched:
        patched.setattr(statuses, "carriers", lambda: said)
        assert [(one.words, one.services) for one in statuses_of(code)] == [
            ("503 Overloaded", ("one", "three")),
            ("429 Overloaded", ("two",)),
        ]
    grpc = [one for one in statuses_of(code) if one.protocol == "grpc"]
    assert [(one.words, one.services) for one in grpc] == [("RESOURCE_EXHAUSTED", ())]


def test_portal_brings_nothing_heavy_with_it() -> None:
    code = (
        f"import sys, stend.portal.app\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_pages_are_served(http: httpx.AsyncClient, language: str) -> None:
    listed = (await http.get(f"/errors?lang={language}")).text
    for page in all_pages():
        assert f'href="/errors/{page.code}"' in listed
    one = (await http.get("/errors/overloaded")).text
    assert "RESOURCE_EXHAUSTED" in one
    assert "503 Overloaded" in one
    assert (await http.get("/errors/no-such-code")).status_code == 404
