"""Pages of the course as HTML, which the portal finishes: it draws, it acts, it copies."""

from collections.abc import Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from stend.course.texts.live import Bytes, Call, Demo, Live, Operation
from stend.course.texts.prose import FENCE_PLACE, Fence, Notation, Prose, parser
from stend.kit.languages import Language, Text
from stend.kit.place import told

# Where pygments calls it otherwise.
_LEXERS = {Notation.PROTO: "protobuf", Notation.SQL: "postgresql"}
_OF_ONE_ORDER = {Operation.GET_ORDER, Operation.CANCEL_ORDER, Operation.TRACK_ORDER}


def render(prose: Prose) -> str:
    """The page from its title on; headings carry their anchors as ids.

    - code: `<figure class="code" data-language data-attributes>` with a `<pre>`, its parts in the
      classes of pygments;
    - diagrams: `<figure class="diagram">` with the source in `<pre class="diagram">`;
    - live blocks: `<section class="live" data-live …>`, readable as it stands.
    """
    page = parser()
    made = _Renderer(prose)
    return made.render(prose.tokens, page.options, {})


class _Renderer(RendererHTML):
    def __init__(self, prose: Prose) -> None:
        super().__init__()
        self._prose = prose

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        place: int = tokens[idx].meta[FENCE_PLACE]
        fence = self._prose.fences[place]
        if fence.live:
            return _live(fence.live, place, self._prose.language)
        if fence.language is Notation.MERMAID:
            return (
                f'<figure class="diagram"><pre class="diagram">{escape(fence.content)}</pre>'
                "</figure>\n"
            )
        return _code(fence)

    def code_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return f"<code>{escape(told(tokens[idx].content))}</code>"

    # Wide tables scroll by themselves, not the page.
    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="table"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table></div>\n"


def _code(fence: Fence) -> str:
    lexer = get_lexer_by_name(_LEXERS.get(fence.language, fence.language.value), ensurenl=False)
    coloured = highlight(told(fence.content), lexer, HtmlFormatter(nowrap=True))
    return (
        f'<figure class="code" data-language="{fence.language}"'
        f' data-attributes="{" ".join(fence.attributes)}">'
        f'<pre class="highlight"><code>{coloured}</code></pre></figure>\n'
    )


def _live(live: Live, place: int, language: Language) -> str:
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in _data(live).items())
    inside = f"<p>{escape(_meaning(live)[language])}</p>"
    if shown := _shown(live):
        inside += f"<pre><code>{escape(told(shown))}</code></pre>"
    return f'<section class="live" data-place="{place}" {data}>{inside}</section>\n'


def _data(live: Live) -> dict[str, str]:
    match live:
        case Call():
            return {"live": live.do, "operation": live.operation, "over": live.over}
        case Bytes():
            return {"live": live.do, "codec": live.codec, "hex": live.octets.hex()}
        case Demo():
            return {"live": live.do}


def _meaning(live: Live) -> Text:
    match live:
        case Call():
            return Text(
                ru=f"Здесь стенд выполняет {live.operation} через {live.over} и показывает "
                "обмен. То же из командной строки:",
                en=f"Here the stand performs {live.operation} over {live.over} and shows the "
                "exchange. The same from the command line:",
            )
        case Bytes():
            return Text(
                ru=f"Здесь стенд разбирает эти байты декодером {live.codec}, поле за полем.",
                en=f"Here the stand takes these bytes apart with its decoder {live.codec}, "
                "field by field.",
            )
        case Demo():
            return Text(
                ru="Здесь живая демонстрация модуля. Она работает на запущенном стенде: "
                "./stend up.",
                en="Here is the live demo of the module. It works on a running stand: ./stend up.",
            )


def _shown(live: Live) -> str:
    match live:
        case Call():
            order = " order_id=ORDER_ID" if live.operation in _OF_ONE_ORDER else ""
            return f"./stend call {live.operation} --over {live.over}{order}"
        case Bytes():
            octets = live.octets
            rows = (octets[place : place + 16] for place in range(0, len(octets), 16))
            return "\n".join(one.hex(" ") for one in rows)
        case Demo():
            return ""
