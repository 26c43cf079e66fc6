"""The playground: its form, its state in the address, the call and the answer."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.portal.draft import compose, form_of
from stend.portal.forms import FORM_LIMIT_BYTES
from stend.shop.orders.api.reply import ReplyError
from stend.shop.orders.usecases import Operation
from tests.fakes.portal import FakeClient, FakeCredential, FakeLender, refused_with_violations

HTMX = {"HX-Request": "true"}


async def page_at(http: httpx.AsyncClient, query: str = "") -> BeautifulSoup:
    response = await http.get(f"/playground{query}")
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


def values_of(page: BeautifulSoup) -> dict[str, str]:
    form = page.select_one("#request")
    assert form is not None
    values = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[name]")}
    for select in form.select("select"):
        chosen = select.select_one("option[selected]")
        values[str(select["name"])] = str(chosen["value"]) if chosen else ""
    return values


async def sent(
    http: httpx.AsyncClient, values: dict[str, str], headers: dict[str, str] | None = None
) -> BeautifulSoup:
    response = await http.post(
        "/playground", data=values, headers=HTMX if headers is None else headers
    )
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


async def placed(http: httpx.AsyncClient, protocol: str = "rest") -> BeautifulSoup:
    page = await page_at(http, f"?operation=PlaceOrder&protocol={protocol}")
    return await sent(http, values_of(page))


def text_of(page: BeautifulSoup, selector: str) -> str:
    element = page.select_one(selector)
    assert element is not None, selector
    return " ".join(element.get_text(" ", strip=True).split())


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
@pytest.mark.parametrize("operation", Operation)
async def test_form_comes_from_the_contract(
    http: httpx.AsyncClient, operation: Operation, protocol: str
) -> None:
    page = await page_at(http, f"?operation={operation}&protocol={protocol}")
    contract, form = form_of(protocol)
    frame = {"operation", "protocol", "as", "credential"}
    assert set(values_of(page)) - frame == {f.path for f in form(operation)} != set()
    assert contract in text_of(page, "#request header")


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
async def test_required_fields_are_filled_and_optional_ones_only_hint(
    http: httpx.AsyncClient, protocol: str
) -> None:
    page = await page_at(http, f"?protocol={protocol}")
    values = values_of(page)
    assert values["customer_id"] == "cus_0042"
    assert values["lines.1.sku"] == "BRD-001"
    assert values["address.flat"] == ""
    flat = page.select_one("[name='address.flat']")
    assert flat is not None
    assert flat["placeholder"] == "12"
    assert re.fullmatch("[0-9A-Z]{26}", values["idempotency_key"])


async def test_every_page_has_a_fresh_key(http: httpx.AsyncClient) -> None:
    first, second = values_of(await page_at(http)), values_of(await page_at(http))
    assert first["idempotency_key"] != second["idempotency_key"]
    assert re.fullmatch("[0-9A-Z]{26}", (await http.get("/playground/key")).text)


async def test_address_brings_back_the_state(http: httpx.AsyncClient) -> None:
    state = {
        "operation": "PlaceOrder",
        "protocol": "grpc",
        "customer_id": "",
        "lines.0.sku": "TEA-100",
        "lines.0.quantity": "-1",
        "lines.2.sku": "X",
        "address.city": 'Санкт-Петербург & "co" <b>',
        "idempotency_key": "my-own-key",
    }
    values = values_of(await page_at(http, "?" + urlencode(state)))
    assert {name: values[name] for name in state} == state
    assert values["lines.2.quantity"] == ""
    assert "lines.1.sku" not in values
    assert values["address.street"] == "Лесная улица"


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_address_of_a_draft_makes_the_same_draft(operation: Operation, protocol: str) -> None:
    draft = compose(operation, protocol, {"order_id": "", "reason": "a&b"}.items(), "KEY")
    pairs = parse_qsl(urlsplit(draft.url).query, keep_blank_values=True)[2:]
    again = compose(operation, protocol, pairs, "OTHER")
    assert (again.fields, again.url) == (draft.fields, draft.url)


@pytest.mark.parametrize(
    "query", ["?operation=Nope", "?protocol=nope", "?operation=&protocol=rest"]
)
async def test_unknown_operation_or_protocol_is_missing(
    http: httpx.AsyncClient, query: str
) -> None:
    assert (await http.get("/playground" + query)).status_code == 404


async def test_place_order_shows_the_answer_in_the_words_of_the_protocol(
    http: httpx.AsyncClient,
) -> None:
    answer = await placed(http)
    assert text_of(answer, ".status") == "201 Created"
    assert text_of(answer, ".took") == "6.1\u00a0ms".replace("\u00a0", " ")
    assert "269.70" in text_of(answer, ".gist")
    assert '"customer_id"' in text_of(answer, "pre")
    assert "content-type" in text_of(answer, ".heads")


async def test_numbers_are_russian_in_russian(http: httpx.AsyncClient) -> None:
    page = await page_at(http)
    headers = {**HTMX, "Accept-Language": "ru"}
    answer = await sent(http, values_of(page), headers)
    assert text_of(answer, ".took") == "6,1 мс"
    assert "269,70 ₽" in text_of(answer, ".gist")


async def test_follow_ups_lead_to_the_same_order(http: httpx.AsyncClient) -> None:
    answer = await placed(http)
    order_id = str(answer.select("[data-copy]")[0]["data-copy"])
    found = {str(link["data-follow"]): str(link["href"]) for link in answer.select("[data-follow]")}
    assert set(found) == {"get-grpc", "track", "cancel"}
    assert all(f"order_id={order_id}" in address for address in found.values())
    read = values_of(await page_at(http, found["get-grpc"].removeprefix("/playground")))
    over_grpc = await sent(http, read)
    assert text_of(over_grpc, ".status") == "OK"
    cancel = values_of(await page_at(http, found["cancel"].removeprefix("/playground")))
    cancelled = await sent(http, cancel)
    assert "cancelled" in text_of(cancelled, ".gist")
    assert not cancelled.select("[data-follow=cancel]")


async def test_same_key_again_is_called_a_replay(http: httpx.AsyncClient) -> None:
    values = values_of(await page_at(http))
    await sent(http, values)
    assert "A replay" in text_of(await sent(http, values), ".said .note")


async def test_list_shows_orders_and_the_next_page(http: httpx.AsyncClient) -> None:
    await placed(http)
    await placed(http)
    page = await page_at(http, "?operation=ListOrders&limit=1")
    answer = await sent(http, values_of(page))
    assert len(answer.select(".orders tbody tr")) == 1
    following = answer.select_one(".then a")
    assert following is not None
    assert "cursor=AAAA" in str(following["href"])
    assert "limit=1" in str(following["href"])


async def test_empty_list_says_so(http: httpx.AsyncClient) -> None:
    page = await page_at(http, "?operation=ListOrders")
    assert "no such orders" in text_of(await sent(http, values_of(page)), ".said")


async def test_refusal_of_the_service_has_code_and_advice(http: httpx.AsyncClient) -> None:
    fields = {"operation": "GetOrder", "protocol": "rest", "order_id": "ord_none"}
    answer = await sent(http, fields)
    assert text_of(answer, ".status") == "404 Not Found"
    assert "There is no such order" in text_of(answer, ".err")
    link = answer.select_one(".err a")
    assert link is not None
    assert link["href"] == "/errors/order-not-found"
    assert (await http.get(str(link["href"]))).status_code == 200


async def test_violations_are_a_table(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    clients["rest"].failure = refused_with_violations()
    answer = await placed(http)
    assert "/lines/0/quantity" in text_of(answer, ".err table")


async def test_failed_exchange_is_not_blamed_on_the_service(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    clients["rest"].failure = ReplyError("unavailable", "connection refused", domain=False)
    assert "The exchange failed" in text_of(await placed(http), ".err")


async def test_fields_that_make_no_input_are_not_sent(http: httpx.AsyncClient) -> None:
    values = values_of(await page_at(http)) | {"lines.0.quantity": "two", "address.city": ""}
    answer = await sent(http, values)
    assert "Nothing was sent" in text_of(answer, "header")
    assert "lines.0.quantity" in text_of(answer, ".err")
    assert "address.city" in text_of(answer, ".err")


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
async def test_value_that_no_message_can_carry_is_explained(
    http: httpx.AsyncClient, clients: dict[str, FakeClient], protocol: str
) -> None:
    clients[protocol].crash = ValueError("Value out of range: 99999999999")
    answer = await placed(http, protocol)
    assert "Value out of range" in text_of(answer, ".err")


async def test_bug_of_the_portal_is_a_fragment_too(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    clients["rest"].crash = RuntimeError("boom")
    values = values_of(await page_at(http))
    response = await http.post("/playground", data=values, headers=HTMX)
    assert response.status_code == 500
    assert "<html" not in response.text
    assert "boom" not in response.text
    assert "A bug in the portal" in response.text
    assert "default-src" in response.headers["content-security-policy"]


async def test_form_posts_without_scripts(http: httpx.AsyncClient) -> None:
    values = values_of(await page_at(http))
    whole = await sent(http, values, headers={})
    assert whole.html is not None
    assert text_of(whole, "#answer .status") == "201 Created"
    assert values_of(whole)["idempotency_key"] == values["idempotency_key"]


async def test_fields_come_back_escaped(http: httpx.AsyncClient) -> None:
    evil = "\"'><script>alert(1)</script>"
    query = urlencode(
        {"address.city": evil, "customer_id": evil, "lines.0.quantity": "1", "lines.0.sku": evil}
    )
    response = await http.get(f"/playground?{query}")
    assert "<script>alert" not in response.text
    page = BeautifulSoup(response.text, "html.parser")
    assert values_of(page)["address.city"] == evil
    answered = await http.post("/playground", data=values_of(page))
    assert "<script>alert" not in answered.text
    assert evil.replace('"', '\\"') in BeautifulSoup(answered.text, "html.parser").get_text()


async def test_oversized_form_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("/playground", data={"customer_id": "x" * FORM_LIMIT_BYTES})
    assert response.status_code == 413
    assert "65.5" in response.text
    many = {f"lines.{number}.sku": "A" for number in range(600)}
    assert (await http.post("/playground", data=many)).status_code == 413


async def test_snippets_follow_the_form(http: httpx.AsyncClient) -> None:
    values = values_of(await page_at(http)) | {"address.city": "Тверь"}
    response = await http.post("/playground/snippets", data=values, headers=HTMX)
    page = BeautifulSoup(response.text, "html.parser")
    tabs = [str(panel["data-tabpanel"]) for panel in page.select("[data-tabpanel]")]
    assert tabs == ["curl", "httpx"]
    assert all("Тверь" in code.get_text() for code in page.select("pre"))
    over_grpc = await http.post("/playground/snippets", data=values | {"protocol": "grpc"})
    page = BeautifulSoup(over_grpc.text, "html.parser")
    tabs = [str(panel["data-tabpanel"]) for panel in page.select("[data-tabpanel]")]
    assert tabs == ["grpcurl", "grpc", "curl"]
    broken = await http.post("/playground/snippets", data=values | {"lines.0.quantity": "x"})
    assert "when the fields make a PlaceOrder" in broken.text


async def streamed(http: httpx.AsyncClient, order_id: str, protocol: str = "rest") -> str:
    fields = {"operation": "TrackOrder", "protocol": protocol, "order_id": order_id}
    response = await http.post("/playground/events", data=fields)
    assert response.headers["content-type"].startswith("text/event-stream")
    return response.text


async def test_events_of_an_order_are_streamed(http: httpx.AsyncClient) -> None:
    answer = await placed(http)
    order_id = str(answer.select("[data-copy]")[0]["data-copy"])
    text = await streamed(http, order_id, "grpc")
    assert re.findall("^event: (.*)$", text, re.MULTILINE) == ["panel", "row", "head", "end"]
    assert "OrderPlaced" in text
    assert text.endswith("event: end\ndata: ended\n\n")


async def test_stream_of_a_missing_order_fails_in_words(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    text = await streamed(http, "ord_none")
    assert re.findall("^event: (.*)$", text, re.MULTILINE) == ["panel", "failure"]
    assert "order-not-found" in text
    assert clients["rest"].streams_open == 0


async def test_stream_without_an_order_is_not_sent(http: httpx.AsyncClient) -> None:
    assert "Nothing was sent" in await streamed(http, "")


async def test_only_a_stream_has_events(http: httpx.AsyncClient) -> None:
    response = await http.post("/playground/events", data={"operation": "GetOrder"})
    assert response.status_code == 404


async def test_stream_that_was_posted_explains_itself(http: httpx.AsyncClient) -> None:
    fields = {"operation": "TrackOrder", "protocol": "rest", "order_id": "ord_1"}
    assert "curl" in text_of(await sent(http, fields), ".err")


# ---- who calls ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "own", "authorization"),
    [
        ("", "Bearer ignored", None),
        ("cus_demo", "", "Bearer eyJ.cus.demo"),
        ("readonly", "", "ApiKey r.o"),
        ("custom", "  Bearer abc.def  ", "Bearer abc.def"),
    ],
)
async def test_call_carries_the_credential_of_the_caller(
    http: httpx.AsyncClient, lender: FakeLender, who: str, own: str, authorization: str | None
) -> None:
    values = values_of(await page_at(http)) | {"as": who, "credential": own}
    answer = await sent(http, values)
    assert text_of(answer, ".status") == "201 Created"
    assert lender.lent == [("rest", authorization)]
    shown = (await http.post("/playground/snippets", data=values)).text
    assert ("Authorization" in shown) == (authorization is not None)
    assert authorization is None or authorization in shown


@pytest.mark.parametrize(
    ("who", "own"),
    [
        ("nobody", ""),
        ("custom", ""),
        ("custom", "eyJ-without-a-scheme"),
        ("custom", "Bearer a b"),
        ("custom", "Bearer токен"),
        ("custom", "Bearer x\r\nHost: evil"),
        ("custom", "Bearer " + "x" * 9000),
    ],
)
async def test_credential_that_cannot_be_sent_is_not_sent(
    http: httpx.AsyncClient, lender: FakeLender, who: str, own: str
) -> None:
    values = values_of(await page_at(http)) | {"as": who, "credential": own}
    assert "Nothing was sent" in text_of(await sent(http, values), "header")
    fields = {"operation": "TrackOrder", "order_id": "ord_1", "as": who, "credential": own}
    assert "Nothing was sent" in (await http.post("/playground/events", data=fields)).text
    assert lender.lent == []


async def test_caller_stays_in_every_address_and_his_own_credential_in_none(
    http: httpx.AsyncClient,
) -> None:
    values = values_of(await page_at(http)) | {"as": "custom", "credential": "Bearer secret-one"}
    whole = await sent(http, values, headers={})
    found = [str(link["href"]) for link in whole.select("main a")]
    links = [link for link in found if "/playground?" in link]
    assert len(links) > 8
    assert all("as=custom" in link and "secret-one" not in link for link in links)
    assert values_of(whole)["credential"] == "Bearer secret-one"


async def test_refused_access_leads_to_the_tokens(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    clients["rest"].failure = ReplyError("forbidden", "the scope is missing", domain=False)
    answer = await placed(http)
    assert text_of(answer, ".err b") == "Access refused"
    assert "/tokens" in [link["href"] for link in answer.select(".err a")]


async def test_tokens_can_be_copied_and_tried(http: httpx.AsyncClient) -> None:
    page = BeautifulSoup((await http.get("/tokens")).text, "html.parser")
    copied = [button["data-copy"] for button in page.select("tbody [data-copy]")]
    assert copied == ["Bearer eyJ.cus.demo", "ApiKey r.o"]
    assert "Authorization: Bearer eyJ.cus.demo" in text_of(page, "#example")
    tried = page.select_one("#try-readonly")
    assert tried is not None
    chosen = await page_at(http, str(tried["href"]).removeprefix("/playground"))
    assert values_of(chosen)["as"] == "readonly"


async def test_stand_without_demo_tokens_says_so(
    http: httpx.AsyncClient, callers: list[FakeCredential]
) -> None:
    callers.clear()
    page = BeautifulSoup((await http.get("/tokens")).text, "html.parser")
    assert text_of(page, "h2") == "There are no demo tokens"
    options = [option["value"] for option in (await page_at(http)).select("#as option")]
    assert options == ["", "custom"]
