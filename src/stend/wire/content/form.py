"""application/x-www-form-urlencoded (WHATWG URL §5), which the query of a URL is, too."""

from urllib.parse import unquote_plus

from stend.kit.fields import Field, Meaning, group, undecoded
from stend.kit.languages import Text
from stend.wire.content.words import said

MAX_PAIRS = 2_000

_SOURCE = "WHATWG URL §5.1"
_PAIR = said(
    _SOURCE,
    "Поле формы или параметр запроса: что он значит, сказано в контракте API.",
    "A field of a form or a parameter of a query: the contract of the API says what it means.",
)
_NAME = said(
    _SOURCE,
    "Имя; пробел записан как +, прочие байты — как %XX.",
    "The name; a space is written as +, other bytes as %XX.",
)
_EQUALS = said(_SOURCE, "Отделяет имя от значения.", "Parts the name from the value.")
_VALUE = said(
    _SOURCE,
    "Значение, всегда строка: 7 и «7» здесь не различить.",
    "The value, always a string: 7 and '7' are the same here.",
)
_AMPERSAND = said(_SOURCE, "Отделяет пары друг от друга.", "Parts the pairs from each other.")

_OAUTH: dict[str, Meaning] = {
    "grant_type": said(
        "RFC 6749 §4",
        "Чем доказывают право на токен: client_credentials — своим секретом, "
        "authorization_code — кодом.",
        "How the right to a token is proven: client_credentials by an own secret, "
        "authorization_code by a code.",
    ),
    "client_id": said(
        "RFC 6749 §2.2",
        "Имя программы, которая просит токен; не тайна.",
        "The name of the program that asks for a token; no secret.",
    ),
    "client_secret": said(
        "RFC 6749 §2.3.1",
        "Секрет программы. В теле допустим только поверх TLS.",
        "The program's secret. It may stand in a body over TLS only.",
    ),
    "scope": said(
        "RFC 6749 §3.3",
        "Какие права нужны, через пробел.",
        "Which rights are wanted, separated by spaces.",
    ),
    "code": said(
        "RFC 6749 §4.1.3",
        "Одноразовый код, который обменивают на токен.",
        "The code that is exchanged for a token, once.",
    ),
    "redirect_uri": said(
        "RFC 6749 §4.1.3",
        "Куда был отправлен код: должно совпасть.",
        "Where the code was sent: it must be the same.",
    ),
    "refresh_token": said(
        "RFC 6749 §6",
        "Токен, который обменивают на новый токен доступа.",
        "The token that is exchanged for a new access token.",
    ),
    "code_verifier": said(
        "RFC 7636 §4.5",
        "Доказывает, что код обменивает тот, кто его просил (PKCE).",
        "Proves that whoever exchanges the code has asked for it (PKCE).",
    ),
}


def form_fields(data: bytes, start: int, end: int) -> tuple[Field, ...]:
    """The pairs of name and value from `start` to `end`; offsets are those in `data`."""
    fields: list[Field] = []
    at = start
    while at < end:
        if len(fields) >= 2 * MAX_PAIRS:
            why = Text(
                ru=f"дальше не разобрано: пар больше {MAX_PAIRS}",
                en=f"not decoded further: there are more than {MAX_PAIRS} pairs",
            )
            fields.append(undecoded(at, end, why))
            break
        stop = data.find(b"&", at, end)
        stop = end if stop < 0 else stop
        if stop > at:
            fields.append(_pair(data, at, stop))
        if stop < end:
            fields.append(Field("&", "", None, stop, stop + 1, _AMPERSAND))
        at = stop + 1
    return tuple(fields)


def _pair(data: bytes, start: int, end: int) -> Field:
    equals = data.find(b"=", start, end)
    cut = end if equals < 0 else equals
    name = _decoded(data[start:cut])
    about = _OAUTH.get(name, _PAIR)
    pieces = [Field("name", "string", name, start, cut, _NAME)] if cut > start else []
    told: str | None = None
    if equals >= 0:
        pieces.append(Field("=", "", None, equals, equals + 1, _EQUALS))
        if equals + 1 < end:
            told = _decoded(data[equals + 1 : end])
            meaning = about if about is not _PAIR else _VALUE
            pieces.append(Field("value", "string", told, equals + 1, end, meaning))
    return group(name or "pair", about, pieces)._replace(value=told)


def _decoded(data: bytes) -> str:
    return unquote_plus(data.decode("utf-8", "backslashreplace"), errors="backslashreplace")
