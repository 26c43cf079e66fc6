"""Templates to responses: what every page knows is put in here, once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match

from stend.kit.languages import Language
from stend.kit.place import told
from stend.portal import numbers
from stend.portal.assets import Assets
from stend.portal.faulting.showing import ShownFault
from stend.portal.language import QUERY, language_for, remember
from stend.portal.parts import summary_of
from stend.portal.saved import SavedSession
from stend.portal.sections import OF_A_SESSION, OF_A_STAND
from stend.portal.stand import Stand
from stend.portal.texts import TEXTS
from stend.portal.wires import engine_of, wire_of


class Renderer:
    """
    Args:
        shown: the stand, or the session that the pages are about.
        faults: those that are set, of which every page tells.
    """

    def __init__(
        self,
        assets: Assets,
        shown: Stand | SavedSession,
        faults: Callable[[], Sequence[ShownFault]] = tuple,
    ) -> None:
        self._shown = shown
        self._faults = faults
        self._templates = Environment(
            loader=PackageLoader("stend.portal"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "asset": assets.url,
            "wire_of": wire_of,
            "engine_of": engine_of,
            "moment": numbers.moment,
            "stend": told("./stend"),
        }

    def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object],
        status: int = 200,
    ) -> HTMLResponse:
        """A whole page or a fragment of one; which of them only the template knows."""
        html = self.text(language_for(request), template, {**self._about(request), **context})
        headers = {"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language, HX-Request"}
        response = HTMLResponse(html, status, headers)
        remember(request, response)
        return response

    def text(self, language: Language, template: str, context: Mapping[str, object]) -> str:
        words = {
            "t": partial(translate, language),
            "language": language,
            "ms": partial(numbers.duration, language=language),
            "size": partial(numbers.size, language=language),
            "money": partial(numbers.money, language=language),
        }
        return self._templates.get_template(template).render({**words, **context})

    def _about(self, request: Request) -> Mapping[str, object]:
        return {
            "path": request.url.path,
            "here": _here(request),
            "languages": tuple((one, _in_language(request, one)) for one in Language),
            **self._about_what(),
        }

    def _about_what(self) -> Mapping[str, object]:
        if isinstance(self._shown, SavedSession):
            return {"saved": self._shown, "sections": OF_A_SESSION}
        return {
            "saved": None,
            "sections": OF_A_STAND,
            "summary": summary_of(self._shown.view()),
            "active_faults": self._faults(),
        }


def translate(language: Language, key: str, **values: object) -> str:
    """The text of a key, with its `{places}` filled.

    Raises:
        KeyError: no such text.
    """
    return TEXTS[key][language].format(**values)


def is_fragment(request: Request) -> bool:
    """True when htmx asks for a part of the page that it already shows."""
    return request.headers.get("hx-request") == "true"


def has_story(request: Request) -> bool:
    """Whether there is a page of a trace to link to."""
    scope = {"type": "http", "path": "/story/0", "method": "GET", "root_path": ""}
    return any(one.matches(scope)[0] is Match.FULL for one in request.app.routes)


def _in_language(request: Request, language: Language) -> str:
    url = request.url.include_query_params(**{QUERY: language.value})
    return f"{url.path}?{url.query}"


def _here(request: Request) -> str:
    """The address of the page, to come back to."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
