"""Speaks to the learner's server through httpx, and byte by byte, by the sections of RFC 9112.

Until `one_slow_client` there is never more than one connection open at a time.
"""

import ast
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

import httpx

from stend.course.case import Case
from stend.course.raw_http import Answer, Wire, shown

_FILE = "server.py"
_TIMEOUT_S = 3.0
_SERVERS = frozenset(
    [
        *("aiohttp", "fastapi", "flask", "h11", "http.client", "http.server", "httptools"),
        *("httpx", "hypercorn", "sanic", "starlette", "tornado", "uvicorn", "werkzeug"),
        *("wsgiref", "wsproto"),
    ]
)


# ---- the checks --------------------------------------------------------------------------------


def sockets_alone(case: Case) -> None:
    try:
        tree = ast.parse(case.read(_FILE))
    except SyntaxError as error:
        case.fail(
            f"{_FILE} — не Python: {error.msg}.",
            f"{_FILE} is no Python: {error.msg}.",
            where=f"{_FILE}:{error.lineno}",
        )
    for node in ast.walk(tree):
        for name in _imported(node):
            if name in _SERVERS or name.partition(".")[0] in _SERVERS:
                case.fail(
                    f"{name} делает то, что надо написать самому.",
                    f"{name} does what you are to write yourself.",
                    expected="socket, asyncio, selectors, threading",
                    got=name,
                    where=f"{_FILE}:{node.lineno}",  # type: ignore[attr-defined]  # an import
                )


def answers(case: Case) -> None:
    item = case.word()
    with _client(case) as client:
        _expect_httpx(case, client.get(f"/items/{item}"), 200, item.encode())
    with _client(case) as client:
        _expect_httpx(case, client.get(f"/items/{item}?limit=2"), 200, item.encode())
    with _client(case) as client:
        _expect_httpx(case, client.get(f"/{case.word()}"), 404)
    for method, path, allowed in (("DELETE", f"/items/{item}", "GET"), ("GET", "/echo", "POST")):
        with _client(case) as client:
            refused = client.request(method, path)
        _expect_httpx(case, refused, 405)
        if allowed not in refused.headers.get("Allow", ""):
            case.fail(
                f"405 на {method} {path} не говорит в Allow, что можно.",
                f"The 405 to {method} {path} does not say in Allow what can be done.",
                expected=f"Allow: {allowed}",
                got=str(dict(refused.headers)),
            )
    # A server accepts both forms of a target (RFC 9112, 3.2.2).
    answer = _one(case, _get(f"http://lavka.example/items/{item}"))
    _expect(case, _get(f"http://lavka.example/items/{item}"), answer, 200, item.encode())
    _check_date(case, answer)


def head(case: Case) -> None:
    item = case.word(case.dice.randint(5, 30))
    asked = f"HEAD /items/{item} HTTP/1.1\r\nHost: lavka\r\n\r\n".encode()
    with _wire(case) as wire:
        wire.send(asked)
        wire.end()
        answer = wire.answer("HEAD")
        rest = wire.rest()
    _expect(case, asked, answer, 200)
    if rest:
        case.fail(
            "После ответа на HEAD пришло тело: клиент примет его за начало следующего ответа.",
            "A body came after the answer to HEAD: a client takes it for the next answer.",
            expected="",
            got=shown(answer.raw + rest),
        )
    if answer.fields.get("content-length") != str(len(item)):
        case.fail(
            "Content-Length ответа на HEAD не тот, что у GET.",
            "The Content-Length of the answer to HEAD is not that of GET.",
            expected=f"Content-Length: {len(item)}",
            got=answer.told,
        )


def bodies(case: Case) -> None:
    body = bytes(case.dice.randint(0, 255) for _ in range(case.dice.randint(300, 900)))
    with _client(case) as client:
        _expect_httpx(case, client.post("/echo", content=body), 200, body)
    with _client(case) as client:
        _expect_httpx(case, client.post("/echo", content=b""), 200, b"")
    # Names of fields have no case, and the spaces around a value are none of it.
    for name in (
        b"Content-Length: ",
        b"content-length:",
        b"CONTENT-LENGTH:\t ",
        b"cOnTent-LengTh:  ",
    ):
        told = name + str(len(body)).encode() + b"  " * name.count(b"\t")
        asked = b"POST /echo HTTP/1.1\r\nhost: lavka\r\n" + told + b"\r\n\r\n" + body
        _expect(case, asked, _one(case, asked), 200, body)
    # What looks like a request inside of a body is a body.
    inner = _get(f"/items/{case.word()}")
    _expect(case, _post(inner), _one(case, _post(inner)), 200, inner)


def keep_alive(case: Case) -> None:
    first, second = case.word(), case.word()
    with _wire(case) as wire:
        for asked, status, body in (
            (_get(f"/items/{first}"), 200, first.encode()),
            (_post(b"left behind\r\n\r\n", f"/{case.word()}"), 404, None),
            (_post(b"and here", f"/items/{first}"), 405, None),
            # Old clients send an empty line after a body (RFC 9112, 2.2).
            (b"\r\n" + _get(f"/items/{second}"), 200, second.encode()),
        ):
            wire.send(asked)
            _expect(case, asked, wire.answer(), status, body)
    for asked in (
        _get(f"/items/{first}", b"Connection: close\r\n"),
        _get(f"/items/{first}", b"connection: Close\r\n"),
        b"GET /items/" + first.encode() + b" HTTP/1.0\r\n\r\n",
    ):
        with _wire(case) as wire:
            wire.send(asked)
            answer = wire.answer()
            _expect(case, asked, answer, 200, first.encode())
            wire.rest()
        if answer.fields.get("connection", "").lower() != "close":
            case.fail(
                "Сервер закрывает соединение и не говорит об этом: нужно Connection: close.",
                "The server closes the connection and does not say so: Connection: close.",
                expected="Connection: close",
                got=answer.told,
            )


def slow_pieces(case: Case) -> None:
    item, body = case.word(), case.word(200).encode() * 1000
    small = ((_post(b"12345"), b"12345"), (_get(f"/items/{item}"), item.encode()))
    with _wire(case) as wire:
        for asked, wanted in small:
            for at in range(len(asked)):
                wire.send(asked[at : at + 1])
            _expect(case, asked, wire.answer(), 200, wanted)
    large = _post(body)
    with _wire(case) as wire:
        for piece in _cut(case, large, 20):
            wire.send(piece)
        _expect(case, large, wire.answer(), 200, body)


def pipelining(case: Case) -> None:
    items = [case.word() for _ in range(5)]
    asked = b"".join(_get(f"/items/{one}") + _post(one.encode()) for one in items)
    with _wire(case) as wire:
        wire.send(asked)
        for one in items:
            for _ in ("GET", "POST"):
                _expect(case, asked, wire.answer(), 200, one.encode())


def chunked(case: Case) -> None:
    parts = [case.word(case.dice.randint(11, 40)).encode() for _ in range(4)]
    whole = b"".join(parts)
    with _client(case) as client:
        _expect_httpx(case, client.post("/echo", content=iter(parts)), 200, whole)
    plain = b"".join(_chunk(one) for one in parts)
    for body in (
        plain + b"0\r\n\r\n",
        b"".join(_chunk(one, upper=True) for one in parts) + b"000\r\n\r\n",
        b"".join(_chunk(one, b';name="a;b"') for one in parts) + b"0;last\r\n\r\n",
        plain + b"0\r\nDigest: none\r\nX-More: 1\r\n\r\n",
    ):
        asked = _with(b"Transfer-Encoding: Chunked\r\n", body) + _get(f"/items/{parts[0].decode()}")
        with _wire(case) as wire:
            for piece in _cut(case, asked, 12):
                wire.send(piece)
            _expect(case, asked, wire.answer(), 200, whole)
            _expect(case, asked, wire.answer(), 200, parts[0])


def continues(case: Case) -> None:
    body = case.word(30).encode()
    length = f"Content-Length: {len(body)}\r\n".encode()
    asked = _with(b"Expect: 100-continue\r\n" + length, b"")
    with _wire(case) as wire:
        wire.send(asked)
        interim = wire.head()
        if b" 100" not in interim.partition(b"\r\n")[0]:
            case.fail(
                "Клиент спросил, слать ли тело, и ждёт 100 Continue.",
                "The client asked whether to send its body, and waits for a 100 Continue.",
                expected="HTTP/1.1 100 Continue",
                got=shown(interim),
            )
        wire.send(body)
        _expect(case, asked, wire.answer(), 200, body)
    too_long = _with(b"Expect: 100-continue\r\nContent-Length: 99999999\r\n", b"")
    answer = _one(case, too_long)
    _expect(case, too_long, answer, 413)
    if answer.interim:
        case.fail(
            "Сервер попросил прислать тело, которое потом не взял.",
            "The server asked for a body that it then refused.",
            expected="HTTP/1.1 413 …",
            got=f"{answer.interim} {answer.told}",
        )


def bad_framing(case: Case) -> None:
    hidden = _get(f"/items/{case.word()}")
    chunks, length = b"Transfer-Encoding: chunked\r\n", b"Content-Length: "
    for statuses, asked in (
        ((400,), _with(length + b"4\r\n" + chunks, b"0\r\n\r\n")),
        ((400,), _with(chunks + length + b"4\r\n", b"0\r\n\r\n")),
        ((400,), _with(length + b"5\r\n" + length + b"6\r\n", b"123456")),
        ((400,), _with(length + b"5, 6\r\n", b"123456")),
        ((400,), _with(length + b"+5\r\n", b"12345")),
        ((400,), _with(length + b"-5\r\n", b"12345")),
        ((400,), _with(length + b"0x5\r\n", b"12345")),
        ((400,), _with(length + b"1_0\r\n", b"1234567890")),
        ((400,), _with(length + b"five\r\n", b"12345")),
        ((400,), _with(length + b"\r\n", b"")),
        ((400,), _with(length + "٥\r\n".encode(), b"12345")),
        ((400, 501), _with(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n")),
        ((400, 501), _with(b"Transfer-Encoding: gzip\r\n", b"")),
        ((400, 501), _with(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n")),
        ((400,), _with(chunks, b"x\r\n12345\r\n0\r\n\r\n")),
        ((400,), _with(chunks, b"-1\r\n12345\r\n0\r\n\r\n")),
        ((400,), _with(chunks, b"0x5\r\n12345\r\n0\r\n\r\n")),
        ((400,), _with(chunks, b"\r\n12345\r\n0\r\n\r\n")),
        ((400,), _with(chunks, b"5\r\n123456\r\n0\r\n\r\n")),
        ((400,), _with(chunks, b"5\r\n12345xx0\r\n\r\n")),
        ((400, 413), _with(chunks, b"ffffffffffffffff\r\n1\r\n0\r\n\r\n")),
    ):
        _expect_last(case, asked + hidden, statuses)


def bad_requests(case: Case) -> None:
    item = f"/items/{case.word()}".encode()
    line = b"GET " + item + b" HTTP/1.1\r\n"
    for statuses, asked in (
        ((400,), line + b"\r\n"),
        ((400,), line + b"Host: lavka\r\nHost: other\r\n\r\n"),
        ((400,), line + b"Host: lavka\r\nAccept : */*\r\n\r\n"),
        ((400,), line + b"Host: lavka\r\nAccept\r\n\r\n"),
        ((400,), line + b"Host: lavka\r\n: nobody\r\n\r\n"),
        ((400,), line + b"Host: lavka\r\nX-Note: one\r\n two\r\n\r\n"),
        ((400,), b"GET " + item + b"\r\nHost: lavka\r\n\r\n"),
        ((400,), b"GET " + item + b" HTTP/1.1 now\r\nHost: lavka\r\n\r\n"),
        ((400,), b"GET " + item + b" HTTPS/1.1\r\nHost: lavka\r\n\r\n"),
        ((400,), b"G@T " + item + b" HTTP/1.1\r\nHost: lavka\r\n\r\n"),
        ((400,), b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
        ((505,), b"GET " + item + b" HTTP/2.0\r\nHost: lavka\r\n\r\n"),
        ((505,), b"GET " + item + b" HTTP/3.0\r\nHost: lavka\r\n\r\n"),
    ):
        _expect_last(case, asked, statuses)


def limits(case: Case) -> None:
    word = case.word(4000)
    _expect(case, _get(f"/items/{word}"), _one(case, _get(f"/items/{word}")), 200, word.encode())
    fields = b"".join(f"X-Note-{at}: {case.word(990)}\r\n".encode() for at in range(8))
    asked = _get("/items/a", fields)
    _expect(case, asked, _one(case, asked), 200, b"a")
    _expect_last(case, _get(f"/items/{case.word(12_000)}"), (414,))
    _expect_last(case, _get("/items/a", fields * 3), (431,))
    _expect_last(case, _get("/items/a", f"X-Note: {case.word(24_000)}\r\n".encode()), (431,))
    _expect_last(case, _with(b"Content-Length: 1048577\r\n", b""), (413,))
    _expect_last(case, _with(b"Content-Length: 99999999999999999999999\r\n", b""), (400, 413))


def one_slow_client(case: Case) -> None:
    item = case.word()
    half = _get(f"/items/{item}")[:-4]
    with _wire(case) as slow, _wire(case) as idle:
        slow.send(half)
        with _wire(case) as quick:
            asked = _get(f"/items/{item}")
            quick.send(asked)
            _expect(case, asked, quick.answer(), 200, item.encode())
        slow.send(b"\r\n\r\n")
        _expect(case, half, slow.answer(), 200, item.encode())
        idle.send(half + b"\r\n\r\n")
        _expect(case, half, idle.answer(), 200, item.encode())


def cut_short(case: Case) -> None:
    for asked in (
        _with(b"Content-Length: 10\r\n", b"12345"),
        _with(b"Transfer-Encoding: chunked\r\n", b"5\r\n12345\r\n"),
        _with(b"Transfer-Encoding: chunked\r\n", b"5\r\n123"),
        _get("/items/a")[:-2],
    ):
        with _wire(case) as wire:
            wire.send(asked)
            wire.end()
            came = wire.rest()
        if came and not came.startswith(b"HTTP/1.1 4"):
            case.fail(
                "Клиент ушёл, не дослав запроса, а сервер выполнил то, что успело прийти.",
                "The client left half-way through, and the server performed what had come.",
                expected="HTTP/1.1 400 …",
                got=f"{shown(asked)}\n\n{shown(came)}",
            )


# ---- bytes ---------------------------------------------------------------------------------------


def _get(target: str, fields: bytes = b"") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: lavka\r\n".encode() + fields + b"\r\n"


def _post(body: bytes, target: str = "/echo") -> bytes:
    return _with(f"Content-Length: {len(body)}\r\n".encode(), body, target)


def _with(fields: bytes, body: bytes, target: str = "/echo") -> bytes:
    return f"POST {target} HTTP/1.1\r\nHost: lavka\r\n".encode() + fields + b"\r\n" + body


def _chunk(data: bytes, extension: bytes = b"", *, upper: bool = False) -> bytes:
    size = f"{len(data):X}" if upper else f"{len(data):x}"
    return size.encode() + extension + b"\r\n" + data + b"\r\n"


def _cut(case: Case, data: bytes, pieces: int) -> Iterator[bytes]:
    places = sorted(case.dice.randint(1, len(data) - 1) for _ in range(pieces))
    for begin, end in zip([0, *places], [*places, len(data)], strict=True):
        yield data[begin:end]


def _imported(node: ast.AST) -> Sequence[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
    return []


# ---- what is expected ----------------------------------------------------------------------------


def _wire(case: Case) -> Wire:
    return Wire(case, case.service(), _TIMEOUT_S)


def _client(case: Case) -> httpx.Client:
    return httpx.Client(base_url=case.service(), timeout=_TIMEOUT_S, trust_env=False)


def _one(case: Case, asked: bytes) -> Answer:
    with _wire(case) as wire:
        wire.send(asked)
        return wire.answer()


def _expect(
    case: Case, asked: bytes, answer: Answer, status: int, body: bytes | None = None
) -> None:
    if answer.status != status:
        case.fail(
            f"Ответ {answer.status}, а обещан {status}. Послано:\n{shown(asked)}",
            f"The answer is {answer.status}, and {status} is promised. Sent:\n{shown(asked)}",
            expected=str(status),
            got=answer.told,
        )
    if body is not None and answer.body != body:
        case.fail(
            f"Тело ответа не то. Послано:\n{shown(asked)}",
            f"The body of the answer is another one. Sent:\n{shown(asked)}",
            expected=shown(body),
            got=answer.told,
        )
    if "content-length" not in answer.fields and "transfer-encoding" not in answer.fields:
        case.fail(
            "По ответу не узнать, где кончается его тело: нет Content-Length.",
            "Nobody can tell where the body of the answer ends: there is no Content-Length.",
            expected="Content-Length: …",
            got=answer.told,
        )


def _expect_last(case: Case, asked: bytes, statuses: Sequence[int]) -> None:
    """A refusal, and nothing after it: nobody knows where the next request begins."""
    with _wire(case) as wire:
        wire.send(asked)
        answer = wire.answer()
        wanted = " / ".join(map(str, statuses))
        if answer.status not in statuses:
            case.fail(
                f"Ответ {answer.status}, а обещан {wanted}. Послано:\n{shown(asked)}",
                f"The answer is {answer.status}, and {wanted} is promised. Sent:\n{shown(asked)}",
                expected=wanted,
                got=answer.told,
            )
        if rest := wire.rest():
            case.fail(
                "После отказа сервер ответил ещё раз: хвост непонятого запроса стал новым. "
                f"Послано:\n{shown(asked)}",
                "After the refusal the server answered once more: the tail of what it had not "
                f"understood became a request. Sent:\n{shown(asked)}",
                expected="",
                got=shown(rest),
            )


def _expect_httpx(
    case: Case, answer: httpx.Response, status: int, body: bytes | None = None
) -> None:
    told = f"{answer.request.method} {answer.request.url.path}"
    if answer.status_code != status or body not in (None, answer.content):
        case.fail(
            f"{told}: ответ {answer.status_code}, {len(answer.content)} байт тела, не тот.",
            f"{told}: the answer, {answer.status_code} with a body of {len(answer.content)} "
            "bytes, is not the right one.",
            expected=f"{status}\n{shown(body or b'')}",
            got=f"{answer.status_code}\n{shown(answer.content)}",
        )


def _check_date(case: Case, answer: Answer) -> None:
    told = answer.fields.get("date", "")
    try:
        is_right = told.endswith(" GMT") and parsedate_to_datetime(told).year > 2000
    except ValueError:
        is_right = False
    if not is_right:
        case.fail(
            "В ответе нет даты вида «Sun, 06 Nov 1994 08:49:37 GMT».",
            "The answer has no date as “Sun, 06 Nov 1994 08:49:37 GMT”.",
            expected="Date: …",
            got=answer.told,
        )
