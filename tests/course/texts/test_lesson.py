"""A lesson, taken apart and put on a page."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from stend.course.errors import CourseFileError
from stend.course.texts.lesson import read_lesson, read_task
from stend.course.texts.live import Call, read_live
from stend.course.texts.prose import Attribute, Notation
from stend.course.texts.rendering import render
from stend.kit.languages import Language

_LESSON = """# REST {#rest}

Текст с <script>alert(1)</script> и [ссылкой](/contracts "подсказка").

## Условный **запрос**: `ETag` {#etag}

| Имя | Код |
|:----|----:|
| a   | `./stend up` |

```python stand
print("<b>")
```
```text output
<b>
```

### Рисунок {#drawing}

```mermaid
flowchart LR
    a --> b
```

```live
do = "call"
operation = "GetOrder"
over = "rest"
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "08-rest"
    made.mkdir()
    (made / "lesson.ru.md").write_text(_LESSON, encoding="utf-8")
    return made


def page_of(folder: Path) -> BeautifulSoup:
    return BeautifulSoup(render(read_lesson(folder, Language.RU)), "lxml")


def test_what_a_lesson_consists_of(folder: Path) -> None:
    lesson = read_lesson(folder, Language.RU)
    assert (lesson.module, lesson.title, lesson.anchors) == (
        "08-rest",
        "REST",
        ("rest", "etag", "drawing"),
    )
    assert [(one.level, one.title, one.line) for one in lesson.sections] == [
        (1, "REST", 1),
        (2, "Условный запрос: ETag", 5),
        (3, "Рисунок", 18),
    ]
    assert lesson.sections[0].text == "Текст с <script>alert(1)</script> и ссылкой."
    assert lesson.address(lesson.sections[1]) == "/course/08-rest#etag"
    assert [(one.target, one.line) for one in lesson.links] == [("/contracts", 3)]
    # REST; five words, with `<script>alert(1)</script>` one of them; three, one, five in the table.
    assert lesson.words == 1 + 5 + 3 + 1 + 5


def test_what_a_fence_tells(folder: Path) -> None:
    program, output, drawing, live = read_lesson(folder, Language.RU).fences
    assert (program.language, program.attributes) == (Notation.PYTHON, (Attribute.STAND,))
    assert (program.content, program.section, program.line) == ('print("<b>")\n', "etag", 11)
    assert (output.info, drawing.info, drawing.section) == ("text output", "mermaid", "drawing")
    assert isinstance(live.live, Call)
    assert (live.live.operation, live.live.over) == ("GetOrder", "rest")


def test_html_of_the_author_is_text(folder: Path) -> None:
    page = page_of(folder)
    assert page.find("script") is None
    assert "<script>alert(1)</script>" in page.get_text()


def test_headings_have_their_anchors_as_ids(folder: Path) -> None:
    page = page_of(folder)
    assert [
        (one.name, one.get("id"), one.get_text()) for one in page.find_all(["h1", "h2", "h3"])
    ] == [
        ("h1", "rest", "REST"),
        ("h2", "etag", "Условный запрос: ETag"),
        ("h3", "drawing", "Рисунок"),
    ]


def test_nothing_has_a_style_of_its_own(folder: Path) -> None:
    page = page_of(folder)
    assert page.find(style=True) is None
    assert [one.get("class") for one in page.find_all("th")] == [["left"], ["right"]]
    assert page.select_one("div.table > table") is not None


def test_code_is_coloured_and_says_what_it_is(folder: Path) -> None:
    program, output = page_of(folder).select("figure.code")
    assert (program["data-language"], program["data-attributes"]) == ("python", "stand")
    assert program.select_one("pre code span.nb") is not None
    assert program.get_text() == 'print("<b>")\n'
    assert (output["data-language"], output.get_text()) == ("text", "<b>\n")


def test_a_drawing_stands_as_its_source(folder: Path) -> None:
    (drawing,) = page_of(folder).select("figure.diagram > pre.diagram")
    assert drawing.get_text() == "flowchart LR\n    a --> b\n"


def test_a_live_block_is_readable_without_scripts(folder: Path) -> None:
    (live,) = page_of(folder).select("section.live")
    assert (live["data-live"], live["data-operation"], live["data-over"]) == (
        "call",
        "GetOrder",
        "rest",
    )
    assert "Здесь стенд выполняет GetOrder через rest" in live.get_text()
    (command,) = live.select("pre")
    assert command.get_text().endswith("call GetOrder --over rest order_id=ORDER_ID")


def test_bytes_and_a_demo(folder: Path) -> None:
    (folder / "lesson.en.md").write_text(
        '# A {#a}\n\n```live\ndo = "bytes"\ncodec = "http1"\ntext = "GET / HTTP/1.1\\r\\n"\n```\n'
        '\n```live\ndo = "demo"\n```\n',
        encoding="utf-8",
    )
    page = BeautifulSoup(render(read_lesson(folder, Language.EN)), "lxml")
    octets, demo = page.select("section.live")
    assert octets["data-hex"] == b"GET / HTTP/1.1\r\n".hex()
    assert "47 45 54 20" in octets.get_text()
    assert demo["data-live"] == "demo"
    assert "live demo" in demo.get_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: begins with something else than `# Title`"),
        ("text\n", "line 1: begins with something else"),
        ("# A\n", "line 1: a heading without an anchor"),
        ("# A {#a}\n\n### B {#b}\n", "line 3: h3 after h1"),
        ("# A {#a}\n\n# B {#b}\n", "line 3: h1 after h1"),
        ("# A {#a}\n\n## B {#a}\n", "line 3: the anchor a is there twice"),
        ("# A {#a}\n\n> ## B {#b}\n", "line 3: a heading inside of a list or a quotation"),
        ("# A {#a}\n\n    code\n", "line 3: indented code"),
        ("# A {#a}\n\n![x](y.png)\n", "line 3: an image"),
        ("# A {#a}\n\n```\nx\n```\n", "line 3: a fence of no language; known are python"),
        ("# A {#a}\n\n```rust\nx\n```\n", "line 3: a fence of rust"),
        ("# A {#a}\n\n```json stand\n1\n```\n", "after json may follow nothing"),
        ("# A {#a}\n\n```python out\n1\n```\n", "after python may follow stand"),
        ("# A {#a}\n\n```python stand x\n1\n```\n", "'python stand x': after python may follow"),
        ("# A {#a}\n\n```json\n1\n", "line 3: a fence that does not end"),
        ("# A {#a}\n\n```text output\n1\n```\n", "`text output` stands straight after"),
        (
            "# A {#a}\n\n```python\n1\n```\n\nBetween.\n\n```text output\n1\n```\n",
            "line 9: `text output` stands straight after",
        ),
        ('# A {#a}\n\n```live\ndo = "x"\n```\n', "line 3: live: "),
        ("# A {#a}\n\n```live\ndo\n```\n", "line 3: live: "),
    ],
)
def test_what_is_no_lesson_is_refused_with_its_line(folder: Path, text: str, told: str) -> None:
    (folder / "lesson.en.md").write_text(text, encoding="utf-8")
    with pytest.raises(CourseFileError) as raised:
        read_lesson(folder, Language.EN)
    assert told in str(raised.value)


def test_everything_wrong_is_told_at_once(folder: Path) -> None:
    (folder / "lesson.en.md").write_text("# A\n\n## B\n", encoding="utf-8")
    with pytest.raises(CourseFileError, match=r"line 1: a heading .*; line 3: a heading"):
        read_lesson(folder, Language.EN)


def test_a_file_that_is_not_there_or_no_text(folder: Path) -> None:
    with pytest.raises(CourseFileError, match="No such file"):
        read_lesson(folder, Language.EN)
    (folder / "lesson.en.md").write_bytes(b"# \xff {#a}\n")
    with pytest.raises(CourseFileError, match="utf-8"):
        read_lesson(folder, Language.EN)


def test_a_task_needs_no_anchors(folder: Path) -> None:
    (folder / "task.ru.md").write_text("# Сервис\n\n## Что\n\nВсё.\n", encoding="utf-8")
    task = read_task(folder, Language.RU)
    assert (task.title, task.anchors, task.words) == ("Сервис", (), 3)
    assert render(task) == "<h1>Сервис</h1>\n<h2>Что</h2>\n<p>Всё.</p>\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('do = "call"\noperation = "GetOrder"', "over: Field required"),
        ('do = "call"\noperation = "Get"\nover = "rest"', "operation: Input should be"),
        ('do = "call"\noperation = "GetOrder"\nover = "sse"', "sse carries TrackOrder alone"),
        ('do = "call"\noperation = "TrackOrder"\nover = "mcp"', "mcp does not carry TrackOrder"),
        ('do = "bytes"\ncodec = "http1"', "give one of them"),
        ('do = "bytes"\ncodec = "http1"\ntext = "a"\nhex = "00"', "give one of them"),
        ('do = "bytes"\ncodec = "http1"\nhex = "0g"', "non-hexadecimal"),
        ('do = "demo"\nwith = 1', "with: Extra inputs are not permitted"),
        ("", "Unable to extract tag"),
    ],
)
def test_a_live_block_says_what_it_may(content: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_live(content)
