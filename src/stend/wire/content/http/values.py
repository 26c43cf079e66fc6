"""Header values that have a structure of their own, as trees."""

import base64
import binascii
import re
from collections.abc import Callable

from stend.kit.fields import Field, Inner, Meaning, group
from stend.kit.languages import Text
from stend.wire.content.documents import document_fields
from stend.wire.content.words import said

_TRACE = re.compile(r"([0-9a-f]{2})(-)([0-9a-f]{32})(-)([0-9a-f]{16})(-)([0-9a-f]{2})")
_CREDENTIALS = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)( +)(\S.*)", re.DOTALL)
_MEDIA = re.compile(rb"([^/;\s]+)(/)([^;\s]+)")
_PARAMETER = re.compile(rb"([ \t]*;[ \t]*)([^=;\s]+)(=)(\"[^\"]*\"|[^;\s]*)")
_JWT = re.compile(rb"([A-Za-z0-9_-]+)(\.)([A-Za-z0-9_-]+)(\.)([A-Za-z0-9_-]+)")

_DASH = said("W3C Trace Context §3.2", "Разделитель частей.", "Parts the pieces.")
_TRACE_PARTS: tuple[tuple[str, str, Meaning], ...] = (
    (
        "version",
        "2HEXDIGLC",
        said(
            "W3C Trace Context §3.2.2.1",
            "Версия формата, пока всегда 00.",
            "The version of the format, 00 so far.",
        ),
    ),
    (
        "trace-id",
        "32HEXDIGLC",
        said(
            "W3C Trace Context §3.2.2.3",
            "Номер всей трассы, один для всех сервисов, через которые прошёл запрос.",
            "The number of the whole trace, the same in all services that the request passes.",
        ),
    ),
    (
        "parent-id",
        "16HEXDIGLC",
        said(
            "W3C Trace Context §3.2.2.4",
            "Номер шага (span), который послал этот запрос: он родитель того, что начнётся дальше.",
            "The number of the step (span) that sent this request: the parent of what begins next.",
        ),
    ),
    (
        "trace-flags",
        "2HEXDIGLC",
        said(
            "W3C Trace Context §3.2.2.5",
            "Флаги: бит 0 — трасса записывается, бит 1 — её номер случаен.",
            "Flags: bit 0 says that the trace is recorded, bit 1 that its number is random.",
        ),
    ),
)
_SCHEME = said(
    "RFC 9110 §11.1",
    "Схема: Bearer — предъявителю токена, Basic — имя и пароль.",
    "The scheme: Bearer for whoever has the token, Basic for name and password.",
)
_SPACE = said("RFC 9110 §11.4", "Пробел между схемой и удостоверением.", "Parts the two.")
_BEARER = said(
    "RFC 6750 §2.1",
    "Сам токен: кто его предъявил, тому и верят.",
    "The token itself: whoever shows it is believed.",
)
_BASIC = said(
    "RFC 7617 §2",
    "Имя и пароль через двоеточие в Base64. Это не шифр: без TLS их прочтёт любой.",
    "Name and password with a colon, in Base64. That is no cipher: without TLS anybody reads them.",
)
_CREDENTIAL = said("RFC 9110 §11.4", "Удостоверение в форме схемы.", "The scheme's credential.")
_DOT = said("RFC 7515 §3.1", "Точка между частями JWT.", "The dot between the parts of a JWT.")
_JWT_PARTS: tuple[tuple[str, Meaning], ...] = (
    (
        "header",
        said(
            "RFC 7519 §5",
            "Заголовок JWT: чем подписан (alg) и каким ключом (kid).",
            "The header of the JWT: how it is signed (alg) and with which key (kid).",
        ),
    ),
    (
        "claims",
        said(
            "RFC 7519 §4",
            "Утверждения JWT: кто (sub), кем выдан (iss), для кого (aud), до каких пор (exp). "
            "Подписаны, но не зашифрованы.",
            "The claims of the JWT: who (sub), issued by (iss), for (aud), until (exp). Signed, "
            "not "
            "encrypted.",
        ),
    ),
    (
        "signature",
        said(
            "RFC 7515 §5.1",
            "Подпись первых двух частей: изменить их без ключа нельзя.",
            "The signature of the first two parts: nobody changes them without the key.",
        ),
    ),
)
_BASE64URL = Text(ru="из Base64url", en="from Base64url")
_BASE64 = Text(ru="из Base64", en="from Base64")
_PAIR = said("RFC 7617 §2", "Имя и пароль.", "Name and password.")
_TYPE = said(
    "RFC 9110 §8.3.1",
    "Тип верхнего уровня: application, text, image, multipart.",
    "The top-level type: application, text, image, multipart.",
)
_SLASH = said("RFC 9110 §8.3.1", "Черта между типом и подтипом.", "Parts type and subtype.")
_SUBTYPE = said(
    "RFC 6838 §4.2",
    "Подтип; после + — общий формат, которым его тоже можно прочесть (+json).",
    "The subtype; behind a + is the general format that reads it, too (+json).",
)
_SEMICOLON = said("RFC 9110 §5.6.6", "Дальше параметр.", "A parameter follows.")
_PARAMETER_NAME = said("RFC 9110 §5.6.6", "Имя параметра.", "The parameter's name.")
_EQUALS = said("RFC 9110 §5.6.6", "Знак равенства без пробелов.", "The equals sign, no spaces.")
_PARAMETER_VALUE = said(
    "RFC 9110 §8.3.2",
    "Значение параметра; charset — кодировка текста, boundary — граница частей.",
    "The parameter's value; charset is how text is encoded, boundary what parts are split by.",
)

Structure = Callable[[bytes, int, int], tuple[Field, ...] | None]


def value_fields(name: str, data: bytes, start: int, end: int) -> tuple[Field, ...] | None:
    """The pieces of a header's value; None where it is taken as one.

    Args:
        name: of the header, in small letters.
    """
    structure = _STRUCTURES.get(name)
    return None if structure is None else structure(data, start, end)


def _traceparent(data: bytes, start: int, end: int) -> tuple[Field, ...] | None:
    found = _TRACE.fullmatch(data[start:end].decode("latin-1"))
    if found is None:
        return None
    fields = []
    for number, text in enumerate(found.groups()):
        at = start + found.start(number + 1)
        if number % 2:
            fields.append(Field("-", "", None, at, at + 1, _DASH))
        else:
            name, kind, meaning = _TRACE_PARTS[number // 2]
            fields.append(Field(name, kind, text, at, at + len(text), meaning))
    return tuple(fields)


def _authorization(data: bytes, start: int, end: int) -> tuple[Field, ...] | None:
    found = _CREDENTIALS.fullmatch(data, start, end)
    if found is None:
        return None
    scheme = found[1].decode("latin-1")
    return (
        Field("auth-scheme", "token", scheme, start, found.end(1), _SCHEME),
        Field("SP", "", None, found.end(1), found.end(2), _SPACE),
        _credentials(scheme.lower(), data, found.start(3), end),
    )


def _credentials(scheme: str, data: bytes, start: int, end: int) -> Field:
    text = data[start:end].decode("latin-1")
    if scheme == "bearer":
        parts = _jwt(data, start, end)
        if parts is not None:
            return group("credentials", _BEARER, parts)
        return Field("credentials", "token68", text, start, end, _BEARER)
    if scheme == "basic":
        inside = _from_base64(data[start:end])
        pair = Field("user-id:password", "", _readable(inside), 0, len(inside), _PAIR)
        inner = Inner(_BASE64, inside, (pair,)) if inside else None
        return Field("credentials", "token68", text, start, end, _BASIC, inner=inner)
    return Field("credentials", "", text, start, end, _CREDENTIAL)


def _jwt(data: bytes, start: int, end: int) -> tuple[Field, ...] | None:
    found = _JWT.fullmatch(data, start, end)
    if found is None:
        return None
    fields = []
    for number in range(1, 6):
        at, stop = found.span(number)
        if number % 2 == 0:
            fields.append(Field(".", "", None, at, stop, _DOT))
            continue
        name, meaning = _JWT_PARTS[number // 2]
        inside = _from_base64(data[at:stop]) if name != "signature" else b""
        inner = None
        if inside[:1] == b"{":
            inner = Inner(_BASE64URL, inside, document_fields(inside, 0, len(inside)))
        text = data[at:stop].decode("ascii")
        fields.append(Field(name, "base64url", text, at, stop, meaning, inner=inner))
    return tuple(fields)


def _from_base64(data: bytes) -> bytes:
    """The bytes; none where it is no Base64."""
    try:
        return base64.urlsafe_b64decode(data.rstrip(b"=") + b"=" * (-len(data.rstrip(b"=")) % 4))
    except (binascii.Error, ValueError):
        return b""


def _content_type(data: bytes, start: int, end: int) -> tuple[Field, ...] | None:
    found = _MEDIA.match(data, start, end)
    if found is None:
        return None
    fields = [
        Field("type", "token", _readable(found[1]), start, found.end(1), _TYPE),
        Field("/", "", None, found.end(1), found.end(2), _SLASH),
        Field("subtype", "token", _readable(found[3]), found.end(2), found.end(3), _SUBTYPE),
    ]
    at = found.end()
    while at < end:
        found = _PARAMETER.match(data, at, end)
        if found is None or found.end(4) == found.start(4):
            return None
        value = _readable(found[4].strip(b'"'))
        fields += [
            Field(";", "", None, at, found.end(1), _SEMICOLON),
            Field("parameter-name", "token", _readable(found[2]), *found.span(2), _PARAMETER_NAME),
            Field("=", "", None, *found.span(3), _EQUALS),
            Field("parameter-value", "", value, *found.span(4), _PARAMETER_VALUE),
        ]
        at = found.end()
    return tuple(fields)


def _readable(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


_STRUCTURES: dict[str, Structure] = {
    "authorization": _authorization,
    "content-type": _content_type,
    "proxy-authorization": _authorization,
    "traceparent": _traceparent,
}
