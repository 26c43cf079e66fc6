"""The page of the reconciliation over an API that a test answers for: every state it can be in."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.kit.languages import Language, Text
from stend.portal.assets import load_assets
from stend.portal.pages.reconciliation import ReconciliationPage
from stend.portal.rendering import Renderer
from stend.portal.runs_client import RunsClient
from stend.portal.texts import TEXTS
from stend.shop.orders.reconciliation.runs import RunCause, RunState
from stend.shop.orders.reconciliation.sides import KNOWN_LOSSES, FindingKind
from tests.fakes.portal import FakeStand
from tests.portal.test_shell import soup
from tests.serving import served

ORDER = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"
NEWER, OLDER = (f"rec_01ARZ3NDEKTSV4RRFFQ69G5FA{letter}" for letter in "WV")
EVIL = "<script>alert(1)</script>"


NUMBERS = (
    "orders",
    "compared",
    "in_progress",
    "payments",
    "reservations",
    "deliveries",
    "points_compared",
)


def money(minor: int) -> dict[str, object]:
    return {"amount_minor": minor, "currency": "RUB"}


def a_report(*findings: dict[str, Any]) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for one in findings:
        kinds[one["kind"]] = kinds.get(one["kind"], 0) + 1
    return {
        **dict.fromkeys(NUMBERS, 7),
        "kinds": [{"kind": kind, "count": count} for kind, count in kinds.items()],
        "findings": list(findings),
        "accounts": [
            {"account": "cards", "balance": money(-247000)},
            {"account": "merchant", "balance": money(247000)},
        ],
        "goods": [{"sku": "MILK-001", "on_hand": 41, "reserved": 3}],
    }


def a_finding(kind: str, **more: Any) -> dict[str, Any]:
    known = kind in KNOWN_LOSSES
    told = {"kind": kind, "known_loss": known, "expected": "captured", "actual": "absent"}
    return {**told, "order_id": ORDER, "amount": money(23970), **more}


def a_run(state: str, run_id: str = OLDER, **more: Any) -> dict[str, Any]:
    run = {"run_id": run_id, "cause": "schedule", "state": state, **more}
    moments = {"requested_at": "2026-11-23T10:00:00Z", "started_at": "2026-11-23T10:00:01Z"}
    ended = {"ended_at": "2026-11-23T10:00:01.250Z"} if state in {"clean", "findings"} else {}
    return {**moments, **ended, **run}


@dataclass(slots=True)
class Api:
    """What the service answers: its runs, or whatever a test puts in their place."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    instead: Callable[[Request], Response] | None = None
    requested: int = 0
    credentials: list[str | None] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.credentials.append(request.headers.get("authorization"))
        if self.instead:
            return self.instead(request)
        if request.method == "POST":
            self.requested += 1
            return _json(a_run("waiting", NEWER), 202)
        run_id = request.path_params.get("run_id")
        if run_id is None:
            return _json({"items": self.runs})
        for run in self.runs:
            if run["run_id"] == run_id:
                return _json(run)
        return _json({"code": "no-such-operation", "detail": f"No run {EVIL}"}, 404)


def _json(members: Any, status: int = 200) -> Response:
    return Response(json.dumps(members), status, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Credential:
    subject: str
    scopes: tuple[str, ...]
    label: Text = field(default=Text("кто-то", "somebody"))
    may: Text = field(default=Text("что-то", "something"))

    @property
    def credential(self) -> str:
        return f"Bearer {self.subject}"


CREDENTIALS = (
    Credential("courier", ("delivery:read",)),
    # The books are not for customers, whatever their scopes.
    Credential("cus_1", ("orders:read", "orders:write")),
    Credential("operator", ("orders:read", "orders:write")),
)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
async def http(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    page = a_page("http://api")
    path, methods = "/api/v1/reconciliations", ["GET", "POST"]
    service = Starlette(
        routes=[
            Route(path, api.answer, methods=methods),
            Route(f"{path}/{{run_id}}", api.answer, methods=methods),
        ]
    )
    page._client = RunsClient("http://api", lambda: CREDENTIALS, httpx.ASGITransport(service))
    async with browser_of(page) as client:
        yield client


def a_page(url: str) -> ReconciliationPage:
    stand = FakeStand()
    return ReconciliationPage(
        Renderer(load_assets(), stand, tuple), stand, url, lambda: CREDENTIALS
    )


def browser_of(page: ReconciliationPage) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=page.routes()))
    headers = {"Accept-Language": "en"}
    return httpx.AsyncClient(transport=transport, base_url="http://portal", headers=headers)


async def test_without_a_run_it_says_when_the_first_comes(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/reconciliation"))
    assert "No run yet" in page.select_one("#reconciliation").text  # type: ignore[union-attr]
    assert page.select_one("form[method=post] #run-now")
    assert not page.select("table")


async def test_while_the_first_runs_nothing_is_told_of_it(
    http: httpx.AsyncClient, api: Api
) -> None:
    api.runs = [a_run("running")]
    page = soup(await http.get("/reconciliation"))
    assert page.select_one("[aria-busy=true]")
    assert "All agrees" not in page.text


async def test_a_clean_run_says_so_with_numbers_and_balances(
    http: httpx.AsyncClient, api: Api
) -> None:
    api.runs = [a_run("running", NEWER), a_run("clean", report=a_report())]
    answer = await http.get("/reconciliation")
    text = answer.text.replace("\u00a0", " ")
    assert "All agrees" in text
    assert "a run is under way" in text
    assert "250 ms" in text
    assert "RUB 2,470.00" in text
    assert "RUB 0.00" in text
    assert "MILK-001" in text


async def test_a_run_of_before_has_no_number_of_deliveries(
    http: httpx.AsyncClient, api: Api
) -> None:
    report = a_report()
    api.runs = [a_run("clean", report=report)]
    assert "Deliveries" in soup(await http.get("/reconciliation")).select_one("dl").text  # type: ignore[union-attr]
    del report["deliveries"]
    facts = soup(await http.get("/reconciliation")).select_one("dl")
    assert facts is not None
    assert "Deliveries" not in facts.text
    assert "Reservations" in facts.text


@pytest.mark.parametrize("language", Language)
async def test_every_kind_is_explained_in_both_languages(
    http: httpx.AsyncClient, api: Api, language: Language
) -> None:
    api.runs = [a_run("findings", report=a_report(*(a_finding(kind) for kind in FindingKind)))]
    answer = await http.get("/reconciliation", headers={"Accept-Language": language})
    rows = soup(answer).select(".recon-findings tbody tr")
    for kind, row in zip(FindingKind, rows, strict=True):
        for part in ("kind", "what"):
            assert TEXTS[f"recon.{part}.{kind.value}"][language] in row.text


def test_every_word_of_the_api_has_its_text() -> None:
    assert {f"recon.state.{state}" for state in RunState} <= set(TEXTS)
    assert {f"recon.cause.{cause}" for cause in RunCause} <= set(TEXTS)


async def test_a_finding_leads_to_its_order_and_tells_the_difference(
    http: httpx.AsyncClient, api: Api
) -> None:
    differs = a_finding("payment-amount-differs", actual_amount=money(20000))
    stranger = a_finding("payment-without-order", order_id=EVIL)
    api.runs = [a_run("findings", report=a_report(differs, stranger))]
    page = soup(await http.get("/reconciliation"))
    first, second = page.select(".recon-findings tbody tr")
    link = first.select_one("a")
    assert link is not None
    assert link["href"] == f"/playground?operation=GetOrder&protocol=rest&order_id={ORDER}"
    amounts = [cell.text.replace("\u00a0", " ").strip() for cell in first.select("td")[2:]]
    assert amounts == ["RUB 239.70", "RUB 200.00", "RUB 39.70"]
    assert not second.select("a")
    assert EVIL in second.text
    assert not page.select("main script")


async def test_a_list_that_was_cut_says_how_many_there_are(
    http: httpx.AsyncClient, api: Api
) -> None:
    report = a_report(a_finding("payment-missing"))
    report["kinds"] = [{"kind": "payment-missing", "count": 900}]
    api.runs = [a_run("findings", report=report)]
    assert "The first 1 of 900 are shown." in (await http.get("/reconciliation")).text


async def test_an_incomplete_run_is_no_clean_one(http: httpx.AsyncClient, api: Api) -> None:
    api.runs = [a_run("incomplete", NEWER, reason="payments is away"), a_run("clean")]
    page = soup(await http.get("/reconciliation"))
    alert = page.select_one("[role=alert]")
    assert alert is not None
    assert "payments is away" in alert.text
    assert not page.select(".recon-findings")


async def test_a_former_run_is_shown_by_its_address(http: httpx.AsyncClient, api: Api) -> None:
    api.runs = [a_run("clean", NEWER), a_run("incomplete", reason="an old reason")]
    page = soup(await http.get(f"/reconciliation?run={OLDER}"))
    assert "an old reason" in page.text
    marked = page.select_one("tr[aria-selected=true] a")
    assert marked is not None
    assert str(marked["href"]).endswith(OLDER)
    fragment = page.select_one("#reconciliation")
    assert fragment is not None
    assert fragment["data-fragment"] == f"/reconciliation/fragment?run={OLDER}"


async def test_a_run_that_is_not_there_is_said_to_be_gone(http: httpx.AsyncClient) -> None:
    answer = await http.get("/reconciliation?run=rec_nobody")
    assert answer.status_code == 404
    assert "There is no such run" in answer.text
    assert EVIL not in answer.text


async def test_the_button_asks_for_a_run_and_comes_back(http: httpx.AsyncClient, api: Api) -> None:
    answer = await http.post("/reconciliation/run")
    assert (answer.status_code, answer.headers["location"]) == (303, "/reconciliation")
    assert api.requested == 1


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (
            lambda _: _json({"code": "unavailable", "detail": "PostgreSQL is away"}, 503),
            "PostgreSQL is away",
        ),
        (lambda _: Response("<html>", 200), "not the service"),
        (lambda _: _json({"items": [{}]}), "not the service"),
        (lambda _: _json([]), "not the service"),
    ],
)
async def test_what_the_service_cannot_tell_is_told_as_that(
    http: httpx.AsyncClient,
    api: Api,
    instead: Callable[[Request], Response],
    told: str,
) -> None:
    api.instead = instead
    answer = await http.get("/reconciliation")
    assert answer.status_code == 200
    assert told in answer.text
    # A part of a page that is already open has to be shown to be of use.
    fragment = await http.get("/reconciliation/fragment")
    assert fragment.status_code == 200
    assert told in fragment.text
    assert "<html" not in fragment.text


async def test_a_service_that_is_away_is_said_to_be_away() -> None:
    async with browser_of(a_page("http://127.0.0.1:1")) as client:
        shown = await client.get("/reconciliation")
        assert shown.status_code == 200
        assert "The service orders is away" in shown.text
        asked = await client.post("/reconciliation/run")
        assert asked.status_code == 502
        assert "The service orders is away" in asked.text


async def test_where_nobody_may_call_without_a_token_a_fitting_one_is_used(
    http: httpx.AsyncClient, api: Api
) -> None:
    refused = _json({"code": "unauthenticated", "detail": "Who are you?"}, 401)
    api.instead = lambda request: (
        _json({"items": []}) if request.headers.get("authorization") else refused
    )
    assert "No run yet" in (await http.get("/reconciliation")).text
    assert api.credentials == [None, "Bearer operator"]


async def test_a_run_that_ends_is_told_to_whoever_looks(api: Api) -> None:
    api.runs = [a_run("running")]
    async with served(Starlette(routes=[Route("/api/v1/reconciliations", api.answer)])) as url:
        stream = a_page(url)._frames()
        assert "changed" in await anext(stream)
        api.runs = [a_run("clean")]
        async with asyncio.timeout(10):
            while "changed" not in await anext(stream):
                pass
