"""Asks the learner's service as its clients will: one group of questions per promise."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from stend.course.case import Case

_TIMEOUT_S = 10.0
_PROBLEM = "application/problem+json"
_AT_ONCE = 30
_PAGE = 3


def creates(case: Case) -> None:
    new = _new_order(case)
    answer = _post(case, new)
    _expect(case, answer, 201, "POST /orders", "POST /orders")
    location = answer.headers.get("Location")
    if not location:
        case.fail(
            "Ответ 201 на POST /orders пришёл без Location: клиент не знает, где его заказ.",
            "The 201 to POST /orders has no Location: the client cannot know where its order is.",
            expected="Location: /orders/{order_id}",
            got=_told(answer),
        )
    placed = _json(case, answer)
    again = _client(case).get(location)
    _expect(case, again, 200, f"GET {location}", f"GET {location}")
    if _json(case, again) != placed:
        case.fail(
            "По адресу из Location лежит не тот заказ, который был в ответе на POST.",
            "At the address in Location there is not the order that the POST was answered with.",
            expected=placed,
            got=_json(case, again),
        )
    wanted = {"comment": None, **new}
    if {name: placed.get(name) for name in wanted} != wanted or "order_id" not in placed:
        case.fail(
            "В заказе не то, что было прислано.",
            "The order is not what was sent.",
            expected={"order_id": "…", **wanted},
            got=placed,
        )


def unknown_order(case: Case) -> None:
    path = f"/orders/{case.word()}"
    for method, more in (("GET", {}), ("PATCH", _change("x", '"1"'))):
        answer = _client(case).request(method, path, **more)
        if answer.status_code != 404:
            case.fail(
                f"{method} заказа, которого нет, получил {answer.status_code}, "
                "а контракт обещает 404.",
                f"{method} of an order that does not exist got {answer.status_code}; "
                "the contract promises 404.",
                expected="404",
                got=_told(answer),
            )


def problem_details(case: Case) -> None:
    client = _client(case)
    errors: Sequence[tuple[str, httpx.Response]] = (
        ("GET /orders/{unknown}", client.get(f"/orders/{case.word()}")),
        ("GET /orders", client.get("/orders")),
        ("GET /nowhere", client.get(f"/{case.word()}")),
        ("POST /orders {}", _post(case, {})),
        ("POST /orders (no JSON)", _post_raw(case, b"{", "application/json")),
    )
    for what, answer in errors:
        _check_problem(case, what, answer)


def refuses_bad_orders(case: Case) -> None:
    good = _new_order(case)
    line = good["lines"][0]
    customer = good["customer_id"]
    bad: Mapping[str, Any] = {
        "no customer_id": {"lines": good["lines"]},
        "an empty customer_id": {**good, "customer_id": ""},
        "customer_id as a number": {**good, "customer_id": 7},
        "no lines": {"customer_id": customer},
        "an empty list of lines": {**good, "lines": []},
        "a quantity of 0": {**good, "lines": [{**line, "quantity": 0}]},
        "a negative quantity": {**good, "lines": [line, {**line, "quantity": -1}]},
        "a quantity of 100": {**good, "lines": [{**line, "quantity": 100}]},
        "a quantity as text": {**good, "lines": [{**line, "quantity": "1"}]},
        "a fractional quantity": {**good, "lines": [{**line, "quantity": 1.5}]},
        "a line without sku": {**good, "lines": [{"quantity": 1}]},
        "an unknown field": {**good, "discount": 99},
        "a comment of 201 characters": {**good, "comment": "я" * 201},
        "a list": [good],
    }
    for what, body in bad.items():
        _expect_refusal(case, what, _post(case, body), 422)
    for what, raw in (("half of a JSON", b'{"customer_id": '), ("nothing", b"")):
        _expect_refusal(case, what, _post_raw(case, raw, "application/json"), 400, 422)
    raw = str(good).replace("'", '"').encode()
    _expect_refusal(case, "text/plain", _post_raw(case, raw, "text/plain"), 415)
    left = _page(case, customer)["orders"]
    if left:
        case.fail(
            "Сервис отказал, а заказ всё-таки создал.",
            "The service refused, and made the order all the same.",
            expected=[],
            got=left,
        )


def methods(case: Case) -> None:
    location = _post(case, _new_order(case)).headers["Location"]
    for method, path, allowed in (
        ("DELETE", "/orders", {"GET", "POST"}),
        ("PUT", "/orders", {"GET", "POST"}),
        ("DELETE", location, {"GET", "PATCH"}),
        ("POST", location, {"GET", "PATCH"}),
    ):
        body: Any = {} if method in {"PUT", "POST"} else None
        answer = _client(case).request(method, path, json=body)
        _expect(case, answer, 405, f"{method} {path}", f"{method} {path}")
        told = {one.strip() for one in answer.headers.get("Allow", "").split(",")} - {""}
        if not told or told & {method} or not told & allowed:
            case.fail(
                f"405 на {method} {path} не говорит в Allow, какие методы есть.",
                f"The 405 to {method} {path} does not say in Allow which methods there are.",
                expected=f"Allow: {', '.join(sorted(allowed))}",
                got=_told(answer),
            )


def conditional_get(case: Case) -> None:
    placed = _post(case, _new_order(case))
    etag = _etag(case, placed, "POST /orders")
    location = placed.headers["Location"]
    read = _client(case).get(location)
    if _etag(case, read, "GET") != etag:
        case.fail(
            "ETag в ответах на POST и на GET разный, а заказ не менялся.",
            "POST and GET give different ETags, and the order has not changed.",
            expected=etag,
            got=read.headers["ETag"],
        )
    answer = _client(case).get(location, headers={"If-None-Match": etag})
    if answer.status_code != 304 or answer.content:
        case.fail(
            "На If-None-Match с действующим ETag нужен ответ 304 без тела.",
            "If-None-Match with the current ETag has to be answered by a 304 without a body.",
            expected="304",
            got=_told(answer),
        )
    other = _client(case).get(location, headers={"If-None-Match": f'"{case.word()}"'})
    _expect(case, other, 200, "GET, If-None-Match", "GET, If-None-Match")


def lost_update(case: Case) -> None:
    client = _client(case)
    placed = _post(case, _new_order(case))
    location, etag = placed.headers["Location"], placed.headers["ETag"]
    bare = client.patch(location, json={"comment": "x"})
    _expect(case, bare, 428, "PATCH без If-Match", "PATCH without If-Match")
    mine = case.word()
    first = client.patch(location, **_change(mine, etag))
    _expect(case, first, 200, "первый PATCH", "the first PATCH")
    if _etag(case, first, "PATCH") == etag:
        case.fail(
            "Заказ изменился, а его ETag остался прежним: второй редактор ничего не заметит.",
            "The order has changed and its ETag has not: another editor will notice nothing.",
            expected=f"not {etag}",
            got=_told(first),
        )
    second = client.patch(location, **_change(case.word(), etag))
    _expect(case, second, 412, "второй PATCH той же версии", "a second PATCH of that version")
    if _json(case, client.get(location)).get("comment") != mine:
        case.fail(
            "Вторая правка получила 412 и всё-таки записана поверх первой.",
            "The second change got a 412 and was written over the first one all the same.",
            expected=mine,
            got=_json(case, client.get(location)),
        )
    etag = client.get(location).headers["ETag"]
    answers = _at_once(lambda: client.patch(location, **_change(case.word(), etag)))
    made = sum(one.status_code == 200 for one in answers)
    if made != 1:
        case.fail(
            f"{_AT_ONCE} редакторов одновременно правили одну версию, и прошло правок: {made}. "
            "Сравнение и запись должны быть одним шагом.",
            f"{_AT_ONCE} editors changed one version at once, and {made} changes were made. "
            "Comparing and writing have to be one step.",
            expected="1",
            got=str(made),
        )


def repeated_post(case: Case) -> None:
    new, key = _new_order(case), case.word()
    bare = _client(case).post("/orders", json=new)
    _expect(case, bare, 400, "POST без Idempotency-Key", "POST without Idempotency-Key")
    first, again = _post(case, new, key), _post(case, new, key)
    if (again.status_code, again.content) != (first.status_code, first.content):
        case.fail(
            "Повтор POST с тем же ключом получил другой ответ.",
            "The repeated POST with the same key got another answer.",
            expected=_told(first),
            got=_told(again),
        )
    other = {**new, "comment": case.word()}
    answer = _post(case, other, key)
    _expect(case, answer, 422, "тот же ключ, другое тело", "the same key, another body")
    once = _new_order(case)
    key = case.word()
    _at_once(lambda: _post(case, once, key))
    placed = _page(case, once["customer_id"])["orders"]
    if len(placed) != 1:
        case.fail(
            f"{_AT_ONCE} одинаковых POST пришли одновременно, и заказов стало {len(placed)}.",
            f"{_AT_ONCE} equal POSTs arrived at once, and made {len(placed)} orders.",
            expected="1",
            got=str(len(placed)),
        )


def paging(case: Case) -> None:
    customer = case.word()
    wanted = [_placed(case, customer) for _ in range(_PAGE * 3)]
    _placed(case, case.word())
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(len(wanted) * 2):
        page = _page(case, customer, limit=_PAGE, cursor=cursor)
        if len(page["orders"]) > _PAGE:
            case.fail(
                f"На странице больше заказов, чем просили: limit={_PAGE}.",
                f"There are more orders on the page than were asked for: limit={_PAGE}.",
                expected=str(_PAGE),
                got=str(len(page["orders"])),
            )
        seen += [one["order_id"] for one in page["orders"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        # What arrives between two pages must not move what is still to come.
        if len(wanted) < _PAGE * 4:
            wanted.append(_placed(case, customer))
    if seen != wanted:
        case.fail(
            "Листали список, пока приходили новые заказы: что-то потерялось, повторилось или "
            "пришло не в том порядке.",
            "The list was paged while new orders arrived: something was lost, came twice or in "
            "another order.",
            expected=wanted,
            got=seen,
        )
    for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "ten"}, {"cursor": case.word()}):
        answer = _client(case).get("/orders", params={"customer_id": customer, **query})
        _expect(case, answer, 400, f"GET /orders с {query}", f"GET /orders with {query}")


def _client(case: Case) -> httpx.Client:
    return case.once("client", lambda: _opened(case))


def _opened(case: Case) -> httpx.Client:
    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
    made = httpx.Client(base_url=case.service(), timeout=_TIMEOUT_S, trust_env=False, limits=limits)
    return case.opened(made)


def _new_order(case: Case) -> dict[str, Any]:
    lines = [
        {"sku": case.word(6), "quantity": case.dice.randint(1, 99)}
        for _ in range(case.dice.randint(1, 4))
    ]
    return {"customer_id": case.word(), "lines": lines}


def _post(case: Case, body: Any, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or case.word(20)}
    return _client(case).post("/orders", json=body, headers=headers)


def _post_raw(case: Case, body: bytes, media_type: str) -> httpx.Response:
    headers = {"Idempotency-Key": case.word(20), "Content-Type": media_type}
    return _client(case).post("/orders", content=body, headers=headers)


def _placed(case: Case, customer: str) -> str:
    order_id: str = _post(case, {**_new_order(case), "customer_id": customer}).json()["order_id"]
    return order_id


def _page(case: Case, customer: str, **asked: Any) -> Any:
    given = {name: value for name, value in asked.items() if value is not None}
    answer = _client(case).get("/orders", params={"customer_id": customer, **given})
    _expect(case, answer, 200, "GET /orders", "GET /orders")
    page = _json(case, answer)
    if not isinstance(page.get("orders"), list) or "next_cursor" not in page:
        case.fail(
            "Страница заказов не по контракту: нужны orders и next_cursor.",
            "The page of orders is not that of the contract: orders and next_cursor are needed.",
            expected='{"orders": […], "next_cursor": …}',
            got=_told(answer),
        )
    return page


def _change(comment: str, etag: str) -> dict[str, Any]:
    return {"json": {"comment": comment}, "headers": {"If-Match": etag}}


def _at_once(ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    gate = threading.Barrier(_AT_ONCE)

    def one(_: int) -> httpx.Response:
        gate.wait(_TIMEOUT_S)
        return ask()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, range(_AT_ONCE)))


def _expect(case: Case, answer: httpx.Response, status: int, ru: str, en: str) -> None:
    if answer.status_code != status:
        case.fail(
            f"{ru}: ответ {answer.status_code}, а контракт обещает {status}.",
            f"{en} was answered with {answer.status_code}; the contract promises {status}.",
            expected=str(status),
            got=_told(answer),
        )


def _expect_refusal(case: Case, what: str, answer: httpx.Response, *statuses: int) -> None:
    wanted = " / ".join(map(str, statuses))
    if answer.status_code not in statuses:
        case.fail(
            f"Тело, которого контракт не допускает ({what}), получило {answer.status_code}.",
            f"A body that the contract does not allow ({what}) got {answer.status_code}.",
            expected=wanted,
            got=_told(answer),
        )
    _check_problem(case, what, answer)


def _check_problem(case: Case, what: str, answer: httpx.Response) -> None:
    media_type = answer.headers.get("Content-Type", "").split(";")[0]
    if media_type != _PROBLEM:
        case.fail(
            f"Ошибка ({what}) пришла не как {_PROBLEM}.",
            f"The error ({what}) did not come as {_PROBLEM}.",
            expected=f"Content-Type: {_PROBLEM}",
            got=_told(answer),
        )
    told = _json(case, answer)
    if told.get("status") != answer.status_code or not told.get("title"):
        case.fail(
            f"Ошибка ({what}): в документе нет title или status не тот, что у ответа.",
            f"The error ({what}) has no title, or its status is not that of the response.",
            expected={"title": "…", "status": answer.status_code},
            got=_told(answer),
        )


def _etag(case: Case, answer: httpx.Response, what: str) -> str:
    etag = answer.headers.get("ETag", "")
    if not (etag.startswith('"') and etag.endswith('"') and len(etag) > 2):
        case.fail(
            f"В ответе на {what} нет сильного ETag: строки в кавычках без W/.",
            f"The answer to {what} has no strong ETag: a string in quotes, without W/.",
            expected='ETag: "…"',
            got=_told(answer),
        )
    return str(etag)


def _json(case: Case, answer: httpx.Response) -> Any:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        case.fail(
            "Ответ должен быть объектом JSON.",
            "The answer has to be a JSON object.",
            expected="{…}",
            got=_told(answer),
        )
    return told


def _told(answer: httpx.Response) -> str:
    """The answer as it was on the wire."""
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", answer.text])
