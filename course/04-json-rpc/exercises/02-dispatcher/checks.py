"""Asks the learner's dispatcher by the sections of the JSON-RPC 2.0 specification."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from stend.course.case import Case

_TIMEOUT_S = 10.0
_PERFORMED_WITHIN_S = 2.0
_JSON = "application/json"
_MOST_CALLS = 50
_RANDOM_BATCHES = 100
_PARSE, _REQUEST, _METHOD, _PARAMS, _INTERNAL = -32700, -32600, -32601, -32602, -32603
_NOT_ENOUGH = 1001
# Inside of what `loyalty.audit` raises; nothing of it may reach a client.
_SECRET = "journal-7"  # noqa: S105 - the word that is looked for
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one call has to be answered with.

    Attributes:
        ids: any of these; an invalid request may be answered with null or with the id that it has.
        codes: of an error, any of these; empty where `result` is wanted.
    """

    ids: tuple[Any, ...]
    result: Any = None
    codes: tuple[int, ...] = ()

    def shown(self) -> str:
        ids = " / ".join(json.dumps(one) for one in self.ids)
        outcome = f'"result": {json.dumps(self.result)}'
        if self.codes:
            outcome = '"error": {"code": ' + " / ".join(map(str, self.codes)) + ', "message": "…"}'
        return f'{{"jsonrpc": "2.0", "id": {ids}, {outcome}}}'


# ---- the checks --------------------------------------------------------------------------------


def answers(case: Case) -> None:
    amount, customer = case.dice.randint(1000, 99999), case.word()
    _expect_result(case, "loyalty.quote", {"amount": amount, "percent": 7}, amount * 7 // 100)
    _expect_result(case, "loyalty.levels", {}, ["bronze", "silver", "gold"])
    _expect_result(case, "loyalty.balance", {"customer": customer}, 0)
    _expect_result(case, "loyalty.accrue", {"customer": customer, "points": 40}, 40)
    _expect_result(case, "loyalty.spend", {"customer": customer, "points": 15}, 25)
    # A result that is nothing is still a result.
    _expect_result(case, "loyalty.forget", {"customer": customer}, None)


def ids(case: Case) -> None:
    number = case.dice.randint(1, 10**6)
    unusual = (f"заказ-{case.word(4)}", 0, "", -number, 2**53 + number, number + 0.5, None)
    for given in (number, str(number), case.word(), *unusual):
        call = _call("loyalty.levels", _ABSENT, given)
        _expect(case, call, Wanted((given,), ["bronze", "silver", "gold"]))


def notifications(case: Case) -> None:
    customer, points = case.word(), case.dice.randint(1, 10**6)
    account = {"customer": customer, "points": points}
    for ru, en, call in (
        ("удачный вызов", "a call that succeeds", _note("loyalty.accrue", account)),
        ("метода нет", "an unknown method", _note(f"loyalty.{case.word()}", {})),
        ("параметры не те", "wrong parameters", _note("loyalty.accrue", {case.word(): 1})),
        ("отказ", "a refusal", _note("loyalty.spend", {**account, "points": points + 1})),
        ("ошибка внутри", "a failure inside", _note("loyalty.audit", {"customer": customer})),
    ):
        answer = _post(case, call)
        if answer.content or answer.status_code != 204:
            case.fail(
                f"Уведомление ({ru}) получило ответ, а отвечать на него нельзя: 204 без тела.",
                f"A notification ({en}) was answered; it must not be: 204 without a body.",
                expected="204 No Content",
                got=_exchange(_shown(call), answer),
            )
    _wait_for_balance(case, customer, points)


def params(case: Case) -> None:
    amount, percent = case.dice.randint(1000, 99999), case.dice.randint(11, 90)
    wanted = amount * percent // 100
    _expect_result(case, "loyalty.quote", {"percent": percent, "amount": amount}, wanted)
    _expect_result(case, "loyalty.quote", [amount, percent], wanted)
    _expect_result(case, "loyalty.quote", {"amount": amount}, amount * 5 // 100)
    _expect_result(case, "loyalty.quote", [amount], amount * 5 // 100)
    for nothing in (_ABSENT, [], {}):
        _expect_result(case, "loyalty.levels", nothing, ["bronze", "silver", "gold"])


def invalid_params(case: Case) -> None:
    customer = case.word()
    for method, given in (
        ("loyalty.accrue", {"customer": customer}),
        ("loyalty.accrue", [customer]),
        ("loyalty.accrue", _ABSENT),
        ("loyalty.accrue", [customer, 5, 5]),
        ("loyalty.accrue", {"customer": customer, "points": 5, case.word(): 5}),
        ("loyalty.accrue", {"customer": customer, "Points": 5}),
        ("loyalty.accrue", {"customer": customer, "points": "5"}),
        ("loyalty.accrue", {"customer": customer, "points": 0}),
        ("loyalty.levels", [case.word()]),
    ):
        _expect_error(case, method, given, _PARAMS)
    _wait_for_balance(case, customer, 0)


def server_errors(case: Case) -> None:
    account = {"customer": case.word(), "points": 7}
    told = _expect_error(case, "loyalty.spend", account, _NOT_ENOUGH)["error"]
    wanted = {"balance": 0, "asked": 7}
    if told.get("message") != "Not enough points" or told.get("data") != wanted:
        case.fail(
            "Отказ потерял message или data: клиенту нечего показать и не по чему решать.",
            "A refusal lost its message or data: a client has nothing to show or to decide by.",
            expected={"code": _NOT_ENOUGH, "message": "Not enough points", "data": wanted},
            got=told,
        )
    # Raises a TypeError of its own: the parameters were in order.
    _expect_error(case, "loyalty.expire", {"months": case.dice.randint(1, 12)}, _INTERNAL)
    told = _expect_error(case, "loyalty.audit", [case.word()], _INTERNAL)
    if _SECRET in json.dumps(told):
        case.fail(
            "Текст исключения ушёл клиенту, а в нём имя внутреннего сервера. Ему место в журнале.",
            "The text of the exception, with the name of an inner server, went to the client; "
            "its place is the log.",
            expected={"code": _INTERNAL, "message": "Internal error"},
            got=told["error"],
        )


def unknown_methods(case: Case) -> None:
    unknown = (case.word(), f"loyalty.{case.word()}", f"rpc.{case.word()}")
    almost = ("accrue", "Loyalty.Levels", "loyalty.levels ")
    inner = ("threading", "BadArgument", "_check_points", "__doc__", "_balances.clear")
    for method in (*unknown, *almost, *(f"loyalty.{name}" for name in inner)):
        _expect_error(case, method, _ABSENT, _METHOD, is_hidden=True)


def parse_errors(case: Case) -> None:
    whole = json.dumps(_call("loyalty.levels", [], case.word()))
    for ru, en, body in (
        ("обрывок JSON", "half of a JSON", whole[: len(whole) // 2].encode()),
        ("пустое тело", "an empty body", b""),
        ("не JSON", "no JSON", case.word().encode()),
        ("два запроса подряд", "two requests in a row", f"{whole}{whole}".encode()),
        ("кавычки не те", "other quotes", whole.replace('"', "'").encode()),
        ("NaN, а его в JSON нет", "NaN, which JSON does not have", _raw(case, b"NaN")),
        ("Infinity", "Infinity", _raw(case, b"-Infinity")),
        ("не UTF-8", "no UTF-8", _raw(case, b'"\xff\xfe"')),
        ("пакет с обрывком", "a batch with a broken end", f"[{whole}, {whole[:-1]}".encode()),
        ("сто тысяч скобок", "a hundred thousand brackets", b"[" * 100_000),
    ):
        shown = body[:200].decode("utf-8", errors="backslashreplace")
        wanted = Wanted((None,), codes=(_PARSE,))
        _judge(case, _post_raw(case, body), wanted, shown, f"{ru}: ", f"{en}: ")


def invalid_requests(case: Case) -> None:
    good = _call("loyalty.levels", [], case.word())
    known = (None, good["id"])
    rows: Sequence[tuple[Any, tuple[Any, ...]]] = (
        (case.dice.randint(2, 99), (None,)),
        (case.word(), (None,)),
        (None, (None,)),
        ({}, (None,)),
        ({case.word(): "boo"}, (None,)),
        ({"jsonrpc": "2.0", "method": 1}, (None,)),
        ({"jsonrpc": "2.0", "params": [], "id": good["id"]}, known),
        ({**good, "method": None}, known),
        ({**good, "method": ["loyalty.levels"]}, known),
        ({"method": "loyalty.levels", "id": good["id"]}, known),
        ({"method": "loyalty.levels"}, (None,)),
        ({**good, "jsonrpc": "1.0"}, known),
        ({**good, "jsonrpc": 2.0}, known),
        ({**good, "id": {}}, (None,)),
        ({**good, "id": [good["id"]]}, (None,)),
        ({**good, "id": True}, (None,)),
    )
    for call, accepted in rows:
        _expect(case, call, Wanted(accepted, codes=(_REQUEST,)))
    # Whether this is no request or a call with wrong parameters, the specification leaves open.
    for structured in ("bar", 7, True):
        call = {**good, "params": structured}
        _expect(case, call, Wanted(known, codes=(_REQUEST, _PARAMS)))


def batches(case: Case) -> None:
    customer, points = case.word(), case.dice.randint(1, 999)
    first, last = case.word(), case.dice.randint(1, 999)
    good = _call("loyalty.quote", [100], first)
    silent = _note("loyalty.accrue", [customer, points])
    fails = _call(case.word(), [], str(last))
    null = Wanted((None,), codes=(_REQUEST,))
    right, refused = Wanted((first,), 5), Wanted((str(last),), codes=(_METHOD,))
    _expect_batch(case, [good], [right])
    _expect_batch(case, [fails, good], [right, refused])
    _expect_batch(case, [good, silent, fails, {case.word(): 1}], [right, refused, null])
    _expect_batch(case, [1, 2, 3], [null, null, null])
    _expect_batch(case, [[good], good], [null, right])
    _expect_batch(case, [_note(case.word(), []), _note("loyalty.audit", [customer])], [])
    _expect(case, [], null)
    _expect(case, [silent] * (_MOST_CALLS + 1), null)
    _wait_for_balance(case, customer, points)
    calls = [_call("loyalty.levels", [], number) for number in range(_MOST_CALLS)]
    levels = ["bronze", "silver", "gold"]
    _expect_batch(case, calls, [Wanted((number,), levels) for number in range(_MOST_CALLS)])


def transport(case: Case) -> None:
    calls = [
        _call(one, [], case.word()) for one in ("loyalty.levels", case.word(), "loyalty.audit")
    ]
    for call in (*calls, {}, []):
        answer = _post(case, call)
        media_type = answer.headers.get("Content-Type", "").split(";")[0]
        if answer.status_code != 200 or media_type != _JSON:
            case.fail(
                f"Сообщение JSON-RPC едет как 200 и {_JSON}, и с ошибкой внутри тоже.",
                f"A message of JSON-RPC travels as 200 and {_JSON}, one with an error, too.",
                expected=f"HTTP/1.1 200 OK\nContent-Type: {_JSON}",
                got=_exchange(_shown(call), answer),
            )
    told = json.dumps(_call("loyalty.levels", [], case.word())).encode()
    answer = _post_raw(case, told, "text/plain")
    if answer.status_code != 415:
        case.fail(
            "text/plain должен получить 415: такое тело шлёт без спроса любая чужая страница.",
            "text/plain has to get a 415: any foreign page can send such a body unasked.",
            expected="415",
            got=_exchange("", answer),
        )
    read = _client(case).get("/rpc")
    if read.status_code != 405 or "POST" not in read.headers.get("Allow", ""):
        ru, en = "GET /rpc получает 405 с Allow: POST.", "GET /rpc gets a 405 with Allow: POST."
        case.fail(ru, en, expected="405, Allow: POST", got=_exchange("", read))


def random_batches(case: Case) -> None:
    accrued: dict[str, int] = {}
    for _ in range(_RANDOM_BATCHES):
        members = [_member(case, accrued) for _ in range(case.dice.randint(1, 8))]
        wanted = [one for _, one in members if one]
        _expect_batch(case, [call for call, _ in members], wanted, is_hidden=True)
    for customer, points in case.dice.choices(sorted(accrued.items()), k=20):
        _wait_for_balance(case, customer, points)


# ---- the reference -----------------------------------------------------------------------------


def _member(case: Case, accrued: dict[str, int]) -> tuple[Any, Wanted | None]:
    """One call of a batch, and its answer. Each customer is in one call: their order is open."""
    customer, points, given = case.word(), case.dice.randint(1, 999), _any_id(case)
    account: Any = case.dice.choice([[customer, points], {"customer": customer, "points": points}])

    def answered(method: str, params: Any, result: Any = None, *codes: int) -> tuple[Any, Wanted]:
        return _call(method, params, given), Wanted((given,), result, codes)

    by_name = {"percent": 50, "amount": points}
    kinds: Sequence[tuple[Any, Wanted | None]] = (
        (_note("loyalty.accrue", account), None),
        (_note("loyalty.spend", account), None),
        (_note(case.word(), account), None),
        answered("loyalty.accrue", account, points),
        answered("loyalty.quote", [points], points * 5 // 100),
        answered("loyalty.quote", by_name, points // 2),
        answered("loyalty.forget", [customer]),
        answered("loyalty.spend", account, None, _NOT_ENOUGH),
        answered(case.word(), account, None, _METHOD),
        answered("loyalty.balance", account, None, _PARAMS),
        answered("loyalty.audit", [customer], None, _INTERNAL),
        (case.dice.choice([7, [], {}, None, {"x": 1}]), Wanted((None,), codes=(_REQUEST,))),
    )
    chosen = case.dice.choice(kinds)
    if "loyalty.accrue" in json.dumps(chosen[0]):
        accrued[customer] = points
    return chosen


def _any_id(case: Case) -> Any:
    number = case.dice.randint(0, 99)
    return case.dice.choice([number, str(number), case.word(), -number, None, ""])


# ---- asking ------------------------------------------------------------------------------------


def _client(case: Case) -> httpx.Client:
    def opened() -> httpx.Client:
        made = httpx.Client(base_url=case.service(), timeout=_TIMEOUT_S, trust_env=False)
        return case.opened(made)

    return case.once("client", opened)


def _call(method: str, params: Any, given: Any) -> dict[str, Any]:
    return {**_note(method, params), "id": given}


def _note(method: str, params: Any) -> dict[str, Any]:
    asked = {"jsonrpc": "2.0", "method": method}
    return asked if params is _ABSENT else {**asked, "params": params}


def _raw(case: Case, value: bytes) -> bytes:
    told = json.dumps(_call("loyalty.quote", ["VALUE"], case.word())).encode()
    return told.replace(b'"VALUE"', value)


def _post(case: Case, message: Any) -> httpx.Response:
    return _post_raw(case, json.dumps(message).encode())


def _post_raw(case: Case, body: bytes, media_type: str = _JSON) -> httpx.Response:
    try:
        return _client(case).post("/rpc", content=body, headers={"Content-Type": media_type})
    except httpx.HTTPError as error:
        case.check_alive()
        shown = body[:200].decode("utf-8", errors="backslashreplace")
        ru, en = "Сервис не ответил на POST /rpc.", "The service did not answer POST /rpc."
        case.fail(ru, en, expected="HTTP/1.1 200 OK", got=f"{shown}\n\n{error!r}")


def _wait_for_balance(case: Case, customer: str, points: int) -> None:
    """A notification may be performed after it has been answered."""
    deadline = time.monotonic() + _PERFORMED_WITHIN_S
    call = _call("loyalty.balance", {"customer": customer}, case.word())
    answer = _post(case, call)
    while (balance := _object(case, answer, _shown(call)).get("result")) != points:
        if time.monotonic() > deadline:
            case.fail(
                f"После вызовов на счету {balance}, а должно быть {points}: вызов не выполнен, "
                "выполнен дважды или выполнен, хотя в нём отказано.",
                f"After the calls the balance is {balance} and should be {points}: a call was not "
                "performed, was performed twice, or was performed and refused.",
                expected=str(points),
                got=_exchange(_shown(call), answer),
            )
        answer = _post(case, call)


# ---- judging -----------------------------------------------------------------------------------


def _expect_result(case: Case, method: str, params: Any, result: Any) -> None:
    call = _call(method, params, case.word())
    _expect(case, call, Wanted((call["id"],), result))


def _expect_error(
    case: Case, method: str, params: Any, code: int, is_hidden: bool = False
) -> Mapping[str, Any]:
    call = _call(method, params, case.word())
    return _expect(case, call, Wanted((call["id"],), codes=(code,)), is_hidden)


def _expect(case: Case, call: Any, wanted: Wanted, is_hidden: bool = False) -> Mapping[str, Any]:
    return _judge(case, _post(case, call), wanted, "" if is_hidden else _shown(call))


def _judge(
    case: Case, answer: httpx.Response, wanted: Wanted, shown: str, ru: str = "", en: str = ""
) -> Mapping[str, Any]:
    told = _object(case, answer, shown)
    if wrong := _wrong(told, wanted):
        got = _exchange(shown, answer)
        case.fail(ru + wrong[0], en + wrong[1], expected=wanted.shown(), got=got)
    return told


def _wrong(told: Mapping[str, Any], wanted: Wanted) -> tuple[str, str] | None:
    """What an answer is, and what it should be instead; in both languages."""
    if told.get("jsonrpc") != "2.0" or "id" not in told or ("result" in told) == ("error" in told):
        ru = 'В ответе есть "jsonrpc": "2.0", id и ровно одно из двух: result или error (раздел 5).'
        en = 'An answer has "jsonrpc": "2.0", an id, and just one of result and error (section 5).'
        return ru, en
    if not any(_same(told["id"], one) for one in wanted.ids):
        there, right = _shown(told["id"]), " / ".join(map(_shown, wanted.ids))
        ru = f"В ответе id {there}, а нужен {right}: клиент не узнает свой ответ."
        en = f"The answer has the id {there}, not {right}: its client does not know it."
        return ru, en
    return _wrong_error(told["error"], wanted) if "error" in told else _wrong_result(told, wanted)


def _wrong_result(told: Mapping[str, Any], wanted: Wanted) -> tuple[str, str] | None:
    if wanted.codes:
        right = " / ".join(map(str, wanted.codes))
        ru = f"Вызов удался, а должен получить ошибку {right}."
        return ru, f"The call succeeded; it should get the error {right}."
    right_result = _same(told["result"], wanted.result)
    return None if right_result else ("Результат не тот.", "The result is another one.")


def _wrong_error(error: Any, wanted: Wanted) -> tuple[str, str] | None:
    code = error.get("code") if isinstance(error, dict) else None
    if type(code) is not int or not isinstance(error.get("message"), str):
        ru = "error — объект с целым code и строкой message (раздел 5.1)."
        return ru, "error is an object with an integer code and a string message (section 5.1)."
    if code in wanted.codes:
        return None
    right = " / ".join(map(str, wanted.codes)) or "result"
    ru = f"Код ошибки {code}, а нужно {right} (раздел 5.1)."
    return ru, f"The error code is {code}; {right} is wanted (section 5.1)."


def _expect_batch(
    case: Case, calls: Sequence[Any], wanted: Sequence[Wanted], is_hidden: bool = False
) -> None:
    """The answers may come in any order."""
    answer = _post(case, calls)
    shown = "" if is_hidden else _shown(calls)
    if not wanted:
        if answer.content:
            ru = "В пакете одни уведомления: тела в ответе быть не должно."
            en = "A batch of nothing but notifications is answered without a body."
            case.fail(ru, en, expected="204 No Content", got=_exchange(shown, answer))
        return
    told = _parsed(answer)
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        case.fail(
            "На пакет отвечают массивом ответов (раздел 6).",
            "A batch is answered by an array of answers (section 6).",
            expected=[one.shown() for one in wanted],
            got=_exchange(shown, answer),
        )
    if unlike := next(filter(None, (_malformed(one) for one in told)), None):
        case.fail(*unlike, got=_exchange(shown, answer))
    there, right = Counter(map(_outcome, told)), Counter(map(_outcome_of, wanted))
    missing, extra = sorted((right - there).elements()), sorted((there - right).elements())
    if missing or extra:
        case.fail(
            f"На пакет из {len(calls)} пришли не те ответы: не хватает {len(missing)}, "
            f"лишних {len(extra)}.",
            f"A batch of {len(calls)} got other answers: {len(missing)} are missing, "
            f"{len(extra)} are too many.",
            expected="\n".join(missing) or "—",
            got=f"{chr(10).join(extra) or '—'}\n\n{shown}".strip(),
        )


def _malformed(told: Mapping[str, Any]) -> tuple[str, str] | None:
    """Whatever is wrong with an answer before it is compared with others."""
    codes = (told["error"].get("code"),) if isinstance(told.get("error"), dict) else ()
    return _wrong(told, Wanted((told.get("id"),), told.get("result"), codes))


def _outcome(told: Mapping[str, Any]) -> str:
    code = told["error"]["code"] if "error" in told else None
    return _outcome_of(Wanted((told.get("id"),), told.get("result"), (code,) if code else ()))


def _outcome_of(wanted: Wanted) -> str:
    outcome = f"error {wanted.codes[0]}" if wanted.codes else f"result {json.dumps(wanted.result)}"
    return f"id {json.dumps(wanted.ids[0])}, {outcome}"


def _object(case: Case, answer: httpx.Response, shown: str) -> Mapping[str, Any]:
    told = _parsed(answer)
    if not isinstance(told, dict):
        ru = "Ответ на один запрос — один объект JSON (раздел 5)."
        en = "One request is answered by one JSON object (section 5)."
        wanted = '{"jsonrpc": "2.0", "id": …, "result": …}'
        case.fail(ru, en, expected=wanted, got=_exchange(shown, answer))
    return told


def _parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _same(told: Any, wanted: Any) -> bool:
    # As JSON has them: True is not 1, and "7" is not 7.
    return json.dumps(told) == json.dumps(wanted)


def _shown(message: Any) -> str:
    return json.dumps(message, ensure_ascii=False)[:1000]


def _exchange(asked: str, answer: httpx.Response) -> str:
    """What was asked, and the answer as it was on the wire."""
    lines = [asked, "", f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", answer.text]).strip()
