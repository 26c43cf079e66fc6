"""Mermaid itself draws what the readers of drawings accept, and every drawing of the course."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from stend.course.texts.drawings import read_drawing
from stend.course.texts.lesson import lesson_file, read_lesson
from stend.course.texts.prose import Notation
from stend.kit.languages import Language
from stend.runtime.course import shelf
from tests.conftest import PROJECT

pytestmark = pytest.mark.browser

_MERMAID = next(PROJECT.glob("scripts/site/theme/stend/vendor/mermaid-*/mermaid.min.js"))
_DRAW = """async source => {
    try { return (await mermaid.render("drawn", source)).svg.includes("Unsupported") }
    catch (error) { return String(error) }
}"""
_ACCEPTED = (
    """flowchart LR
    client["Client (web)"] -->|"asks f(x)"| api[API]
    api --> db[(PostgreSQL)] & queue([Queue])
    api -.-> worker{Works?}
    subgraph inside [Внутри сети]
        direction TB
        queue ==> worker
    end
    alone((Alone))
    a[[Sub]] <--> b{{Hex}}
    b --- c
    c <-.-> d
    d <==> e -->|да, если есть: 1;2 #3| f
    f -.- g === h""",
    'flowchart TD\n a["/orders/{id}"] --> b(POST /orders)\n b --> c[x=1, y; 100%]',
    'graph TD\n subgraph one["Титул (1)"]\n a -->|/orders| o\n end\n one --> default',
    "flowchart LR\n a[вход в end точку] --> b[end]\n a --> c[1. first]\n c --> d[- x, «y»…]",
    """erDiagram
    CUSTOMER ||--o{ ORDER : "размещает"
    ORDER }|..|| STOCK : reserves
    ORDER |o--o| THING : has-a
    ORDER {
        uuid order_id PK
        uuid customer_id FK, UK "кто"
        numeric(10,2) total
        text[] tags
    }
    NOTE""",
)
_OF_THE_COURSE = [
    fence.content
    for module in shelf().modules
    for language in Language
    if lesson_file(module.folder, language).exists()
    for fence in read_lesson(module.folder, language).fences
    if fence.language is Notation.MERMAID
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page()
    made.add_script_tag(path=_MERMAID)
    yield made
    made.close()


@pytest.mark.parametrize("source", [*_ACCEPTED, *_OF_THE_COURSE])
def test_what_is_accepted_is_drawn(page: Page, source: str) -> None:
    read_drawing(source)
    assert page.evaluate(_DRAW, source) is False


@pytest.mark.parametrize(
    "source",
    [
        "flowchart LR\n a[f(x)] --> b",
        "flowchart LR\n a[/orders] --> b",
        "flowchart LR\n a[x@y] --> b",
        "flowchart LR\n a -->|f(x)| b",
        "flowchart LR\n a --> href",
        "flowchart LR\n a --> end",
        "erDiagram\n A ||--o{ B",
        "erDiagram\n A {\n numeric(10, 2) total\n }",
    ],
)
def test_what_mermaid_does_not_draw_is_refused(page: Page, source: str) -> None:
    assert page.evaluate(_DRAW, source) is not False
    with pytest.raises(ValueError, match="of the drawing: expected"):
        read_drawing(source)
