"""Asks the learner's handler as clients of three kinds, and reads the books of the till."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from stend.course.case import Case

_TIMEOUT_S = 10.0
_AT_ONCE = 50
_BAKERY = "bakery-7tWq2mZx9LpK4vRd"
_FLORIST = "florist-Hs83nQyB6cTf1wEa"
_AUDITOR = "auditor-Zk5rVu0PjM8xGo2n"
_CLOSED = "closed-Xa91LdTe7bYw3qRm"
# What keys.json has of the bakery: whoever has read the file has no key.
_DIGEST = "82250c7971faca5c0877f56424383aad935b39f67f0ea4c5a78bb71638c671df"


def charges(case: Case) -> None:
    new = _new(case)
    answer = _post(case, new)
    _expect(case, answer, 201, "Правильный запрос", "A right request")
    told = _json(case, answer)
    if not told.get("charge_id") or {**told, **new} != told:
        case.fail(
            "В ответе 201 не то, что списано: нужны charge_id, order_id и amount_minor.",
            "The 201 does not tell what was taken: charge_id, order_id and amount_minor.",
            expected={"charge_id": "ch_…", **new},
            got=told,
        )
    wanted = [{"charge_id": told["charge_id"], "client": "bakery", **new}]
    if (rows := _taken(case, new)) != wanted:
        case.fail(
            "В книге кассы не одна запись на клиента, чей это ключ.",
            "The books of the till do not have one row, for the client whose key it is.",
            expected=wanted,
            got=rows,
        )


def api_key(case: Case) -> None:
    strangers: Mapping[str, str | None] = {
        "no key": None,
        "an empty key": "",
        "an unknown key": f"bakery-{case.word(16)}",
        "a key that is closed": _CLOSED,
        "half of a key": _BAKERY[:12],
        "a key in capitals": _BAKERY.upper(),
        "the digest out of keys.json": _DIGEST,
    }
    good = _new(case)
    for what, key in strangers.items():
        for body in (good, {}):
            answer = _post(case, body, api_key=key)
            _expect(case, answer, 401, what, what)
            if not answer.headers.get("WWW-Authenticate"):
                case.fail(
                    "401 без заголовка WWW-Authenticate: клиент не узнает, чем представиться.",
                    "A 401 without the header WWW-Authenticate: the client does not learn how to "
                    "say who it is.",
                    expected="WWW-Authenticate: ApiKey",
                    got=_told(answer),
                )
    answer = _post(case, good, api_key=_AUDITOR)
    _expect(case, answer, 403, "Ключ с правом только читать", "A key that may only read")
    _unpaid(case, good, "401, 403")


def needs_key(case: Case) -> None:
    body = _new(case)
    for key in (None, "", "short", "a key with spaces", "x" * 65):
        headers = {"X-Api-Key": _BAKERY} | ({} if key is None else {"Idempotency-Key": key})
        answer = _client(case).post("/charges", json=body, headers=headers)
        what = f"Idempotency-Key: {key}"
        _expect(case, answer, 400, what, what)
    _unpaid(case, body, "400")


def refuses(case: Case) -> None:
    good = _new(case)
    bad: Mapping[str, Any] = {
        "no order_id": {"amount_minor": good["amount_minor"]},
        "an empty order_id": {**good, "order_id": ""},
        "an order_id of 41 characters": {**good, "order_id": case.word(41)},
        "order_id as a number": {**good, "order_id": 7},
        "no amount_minor": {"order_id": good["order_id"]},
        "an amount of 0": {**good, "amount_minor": 0},
        "a negative amount": {**good, "amount_minor": -case.dice.randint(1, 1000)},
        "an amount of 1000001": {**good, "amount_minor": 1_000_001},
        "an amount as text": {**good, "amount_minor": "100"},
        "a fraction": {**good, "amount_minor": 10.5},
        "true as an amount": {**good, "amount_minor": True},
        "an unknown member": {**good, "discount": 5},
        "a list": [good],
    }
    key = case.word(20)
    for what, body in bad.items():
        _expect(case, _post(case, body, key), 422, what, what)
    broken = _client(case).post("/charges", content=b'{"order_id": ', headers=_headers(key))
    _expect(case, broken, 400, "half of a JSON", "half of a JSON")
    _unpaid(case, good, "400, 422")
    answer = _post(case, good, key)
    if answer.status_code != 201:
        case.fail(
            "Отказ занял ключ: исправленный запрос с тем же Idempotency-Key не прошёл.",
            "A refusal has taken the key: the mended request with the same Idempotency-Key was "
            "refused.",
            expected="201",
            got=_told(answer),
        )


def replay(case: Case) -> None:
    body, key = _new(case), case.word(20)
    first = _post(case, body, key)
    _expect(case, first, 201, "Первый запрос", "The first request")
    reordered = dict(reversed(body.items()))
    for what, again in (("as it was", body), ("its members in another order", reordered)):
        answer = _post(case, again, key)
        if (answer.status_code, _json(case, answer)) != (201, _json(case, first)):
            case.fail(
                f"Повтор с тем же ключом ({what}) получил другой ответ.",
                f"A repetition with the same key ({what}) got another answer.",
                expected=_told(first),
                got=_told(answer),
            )
        if answer.headers.get("Idempotency-Replayed") != "true":
            case.fail(
                "Ответ на повтор не говорит Idempotency-Replayed: true.",
                "The answer to a repetition does not say Idempotency-Replayed: true.",
                expected="Idempotency-Replayed: true",
                got=_told(answer),
            )
    if first.headers.get("Idempotency-Replayed") == "true":
        case.fail(
            "Первый ответ назван повтором.",
            "The first answer is called a repetition.",
            got=_told(first),
        )
    _once(case, body)
    other = {**body, "amount_minor": body["amount_minor"] + 1}
    answer = _post(case, other, key)
    _expect(case, answer, 422, "Тот же ключ, другое тело", "The same key with another body")
    _once(case, body)


def parallel(case: Case) -> None:
    body, key = {**_new(case), "order_id": f"slow-{case.word()}"}, case.word(20)
    answers = _at_once(lambda: _post(case, body, key))
    _once(case, body)
    wrong = [one for one in answers if one.status_code not in {201, 409}]
    if wrong:
        case.fail(
            f"{_AT_ONCE} одинаковых запросов пришли разом, и среди ответов не только 201 и 409.",
            f"{_AT_ONCE} equal requests came at once, and not all were answered with 201 or 409.",
            expected="201 / 409",
            got=_told(wrong[0]),
        )
    last = _post(case, body, key)
    made = {one.text for one in (*answers, last) if one.status_code == 201}
    if len(made) != 1:
        case.fail(
            f"На {_AT_ONCE} одинаковых запросов должен быть один ответ 201, и потом он же.",
            f"{_AT_ONCE} equal requests have to get one answer of 201, and the same one later.",
            expected="one charge_id",
            got=sorted(made) or _told(last),
        )


def clients_apart(case: Case) -> None:
    key, mine, theirs = case.word(20), _new(case), _new(case)
    _expect(case, _post(case, mine, key), 201, "Первый клиент", "The first client")
    answer = _post(case, theirs, key, api_key=_FLORIST)
    if answer.status_code != 201 or _json(case, answer).get("order_id") != theirs["order_id"]:
        case.fail(
            "Второй клиент придумал такой же Idempotency-Key и получил чужой исход.",
            "A second client made up the same Idempotency-Key and got the outcome of the first.",
            expected={"charge_id": "ch_…", **theirs},
            got=_told(answer),
        )
    same = _post(case, mine, key, api_key=_FLORIST)
    _expect(case, same, 422, "Второй клиент, его ключ, другое тело", "His key with another body")
    _once(case, mine)
    _once(case, theirs)


def outcomes(case: Case) -> None:
    declined, key = {**_new(case), "order_id": f"declined-{case.word()}"}, case.word(20)
    for _ in range(3):
        answer = _post(case, declined, key)
        _expect(case, answer, 402, "Карта отказала", "A declined card")
    asked = _asked(case, declined)
    if asked != 1:
        case.fail(
            f"Карта отказала, запрос повторили, и кассу спросили {asked} раза: отказ — тоже исход, "
            "его помнят.",
            f"The card was declined, the request repeated, and the till asked {asked} times: a "
            "decline is an outcome and is remembered.",
            expected="1",
            got=str(asked),
        )
    away, key = {**_new(case), "order_id": f"away-{case.word()}"}, case.word(20)
    _expect(case, _post(case, away, key), 503, "Касса не ответила", "The till that is away")
    answer = _post(case, away, key)
    if answer.status_code != 201:
        case.fail(
            "Касса молчала, ничего не списано, а повтор с тем же ключом не пробует снова.",
            "The till was away and nothing was taken, and a repetition with the key does not try "
            "again.",
            expected="201",
            got=_told(answer),
        )
    _once(case, away)


def _new(case: Case) -> dict[str, Any]:
    return {"order_id": f"ord_{case.word()}", "amount_minor": case.dice.randint(100, 900_000)}


def _client(case: Case) -> httpx.Client:
    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
    return case.once(
        "client",
        lambda: case.opened(
            httpx.Client(
                base_url=case.service(), timeout=_TIMEOUT_S, trust_env=False, limits=limits
            )
        ),
    )


def _headers(key: str) -> dict[str, str]:
    return {
        "X-Api-Key": _BAKERY,
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }


def _post(
    case: Case, body: Any, key: str | None = None, api_key: str | None = _BAKERY
) -> httpx.Response:
    headers = {"Idempotency-Key": key or case.word(20)}
    if api_key is not None:
        headers["X-Api-Key"] = api_key
    return _client(case).post("/charges", json=body, headers=headers)


def _books(case: Case) -> Any:
    answer = _client(case).get("/books")
    _expect(case, answer, 200, "GET /books", "GET /books")
    return _json(case, answer)


def _taken(case: Case, body: Mapping[str, Any]) -> list[Any]:
    """Rows of the books for this order."""
    order_id = body.get("order_id")
    return [one for one in _books(case)["taken"] if one["order_id"] == order_id]


def _asked(case: Case, body: Mapping[str, Any]) -> int:
    return sum(one == body["order_id"] for one in _books(case)["asked"])


def _once(case: Case, body: Mapping[str, Any]) -> None:
    rows = _taken(case, body)
    if len(rows) != 1:
        case.fail(
            f"Деньги за один заказ списаны {len(rows)} раз, а ключ идемпотентности был один.",
            f"The money for one order was taken {len(rows)} times, and there was one idempotency "
            "key.",
            expected="1",
            got=rows,
        )


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
            f"{ru}: ответ {answer.status_code}, а обещано {status}.",
            f"{en} was answered with {answer.status_code}; {status} is promised.",
            expected=str(status),
            got=_told(answer),
        )


def _unpaid(case: Case, body: Mapping[str, Any], refused: str) -> None:
    if rows := _taken(case, body):
        case.fail(
            f"Ответ — отказ ({refused}), а деньги списаны.",
            f"The answer is a refusal ({refused}), and the money was taken.",
            expected=[],
            got=rows,
        )


def _json(case: Case, answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        case.fail("Ответ — не JSON.", "The answer is no JSON.", got=_told(answer))


def _told(answer: httpx.Response) -> str:
    headers = ("WWW-Authenticate", "Idempotency-Replayed")
    lines = [f"{name}: {answer.headers[name]}" for name in headers if name in answer.headers]
    return "\n".join((f"HTTP {answer.status_code}", *lines, "", answer.text[:500]))
