"""JSON-RPC as the body of an HTTP POST. The status tells of HTTP, the body of the call.

The specification leaves the transport open. As everywhere in use: 200 with the answer, be it a
result or an error, and 204 where nothing is to be answered.
"""

from collections.abc import Iterable

from starlette.types import Receive, Scope, Send

from stend.chassis.jsonrpc.dispatching import Call, Dispatcher
from stend.kit.errors import EdgeErrorCode, StendError, too_large

# The second is what the drafts on JSON-RPC over HTTP registered for themselves.
MEDIA_TYPES = ("application/json", "application/json-rpc")
_STATUS = {
    EdgeErrorCode.NO_SUCH_OPERATION: 404,
    EdgeErrorCode.METHOD_NOT_ALLOWED: 405,
    EdgeErrorCode.MESSAGE_TOO_LARGE: 413,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    EdgeErrorCode.MALFORMED_MESSAGE: 400,
}


async def answer_http(
    dispatcher: Dispatcher, path: str, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = dict(scope["headers"])
    try:
        _check_target(scope, path)
        check_media_type(headers)
        body = await read_body(headers, receive, dispatcher.limits.message_bytes)
    except StendError as error:
        allow = [(b"allow", b"POST")] if error.code is EdgeErrorCode.METHOD_NOT_ALLOWED else []
        await respond(send, http_status_of(error), dispatcher.refusal(error), allow)
        return
    answer = await dispatcher.answer(body, Call(credential_of(headers)))
    if answer is None:
        await respond(send, 204)
    else:
        await respond(send, 200, answer)


def http_status_of(error: StendError) -> int:
    """For what is refused before it is read as JSON-RPC."""
    return _STATUS[EdgeErrorCode(error.code)]


def credential_of(headers: dict[bytes, bytes]) -> str | None:
    value = headers.get(b"authorization")
    return None if value is None else value.decode("latin-1")


def check_media_type(headers: dict[bytes, bytes]) -> None:
    """
    Raises:
        StendError: UNSUPPORTED_MEDIA_TYPE.
    """
    # Nothing is unpacked: a small body could become a large one.
    encoding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [one for one in parameters if one.startswith("charset=")]
    is_utf8 = all(one.partition("=")[2].strip('"') in ("utf-8", "utf8") for one in charsets)
    if media_type in MEDIA_TYPES and is_utf8 and encoding == "identity":
        return
    given = content_type or "no Content-Type"
    raise StendError(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "This path reads JSON in UTF-8, as it is.",
        value=given if encoding == "identity" else f"{given}, Content-Encoding: {encoding}",
        expected=" or ".join(MEDIA_TYPES),
        next_step="Send the header Content-Type: application/json.",
    )


async def read_body(headers: dict[bytes, bytes], receive: Receive, limit_bytes: int) -> bytes:
    """
    Raises:
        StendError: MESSAGE_TOO_LARGE; MALFORMED_MESSAGE when the caller went away.
    """
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise too_large(int(announced), limit_bytes)
    chunks: list[bytes] = []
    size_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise StendError(EdgeErrorCode.MALFORMED_MESSAGE, "The body is not complete.")
        chunk: bytes = message.get("body", b"")
        # A chunked body announces no length, so the bytes are counted as they come.
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise too_large(None, limit_bytes)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def respond(
    send: Send,
    status: int,
    body: bytes | None = None,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    own = [(b"cache-control", b"no-store"), *headers]
    if body is not None:
        own += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": body or b""})


def _check_target(scope: Scope, path: str) -> None:
    if scope["path"] != path:
        raise StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "Nothing stands at this path.",
            value=scope["path"],
            expected=path,
            next_step="The method is a member of the message and no part of the path.",
        )
    if scope["method"] != "POST":
        raise StendError(
            EdgeErrorCode.METHOD_NOT_ALLOWED,
            "JSON-RPC comes as the body of a POST.",
            value=scope["method"],
            expected="POST, or the handshake of a WebSocket",
            next_step="Send the message with POST.",
        )
