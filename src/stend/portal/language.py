"""Which language a page is in: the query wins over the cookie, the cookie over the browser."""

from starlette.requests import Request
from starlette.responses import Response

from stend.kit.languages import Language, language_of

COOKIE = "lang"
QUERY = "lang"
_YEAR_S = 365 * 24 * 3600


def asked_language(request: Request) -> Language | None:
    """The language that `?lang=` asks for, if it is one of ours."""
    return _known(request.query_params.get(QUERY))


def language_for(request: Request) -> Language:
    asked = asked_language(request) or _known(request.cookies.get(COOKIE))
    return asked or preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> Language:
    """The first of ours by weight (RFC 9110, section 12.5.4); English when none is listed."""
    ranges = (one.partition(";") for one in accept_language.split(","))
    weighed = [(tag.strip(), _weight(parameters)) for tag, _, parameters in ranges]
    for tag, weight in sorted(weighed, key=lambda pair: -pair[1]):
        if weight > 0 and tag.lower().split("-")[0] in set(Language):
            return language_of(tag)
    return Language.EN


def remember(request: Request, response: Response) -> None:
    """Keeps the language that the query asked for."""
    language = asked_language(request)
    if language is not None:
        response.set_cookie(COOKIE, language, max_age=_YEAR_S, path="/", samesite="lax")


def _known(tag: str | None) -> Language | None:
    return Language(tag) if tag in set(Language) else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
