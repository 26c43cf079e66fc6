"""When two fences are one in two languages, and when not."""

import pytest

from stend.course.texts.comparing import differs, is_same_code
from stend.course.texts.prose import Attribute, Fence, Notation


def fence(info: str, content: str) -> Fence:
    language, *attributes = info.split()
    marks = tuple(Attribute(one) for one in attributes)
    return Fence(Notation(language), marks, content, "a", 1)


@pytest.mark.parametrize(
    ("info", "ru", "en"),
    [
        ("python", "x = 1  # сумма\n", "x = 1  # the sum\n"),
        ("python", "# раз\n# два\nx = 1\n", "# one\nx = 1\n"),
        ("python", 'print("Заказ")\n', 'print("Order")\n'),
        ("python", "print('Заказ')\n", "print('Order')\n"),
        ("python", 'x = "#1"  # раз\n', 'x = "#1"  # one\n'),
        ("python", '"""Считает.\n\nДолго.\n"""\nx = 1\n', '"""Counts.\n"""\nx = 1\n'),
        ("console", "$ ./stend up  # пуск\n", "$ ./stend up  # start\n"),
        ("yaml", 'a: "Заказ" # раз\nb: x#y\n', 'a: "Order" # one\nb: x#y\n'),
        ("toml", 'a = "Заказ"\n', 'a = "Order"\n'),
        ("json", '{"a": "Заказ", "b": 1}', '{"a": "Order", "b": 1}'),
        ("xml", "<!-- раз --><a/>", "<!-- one --><a/>"),
        ("graphql", '"""Заказ"""\ntype A { b: Int }', '"""An order"""\ntype A { b: Int }'),
        ("proto", "int32 a = 1; // раз", "int32 a = 1; // one"),
        ("sql", "SELECT 'да' -- раз\n/* и\nещё */;", "SELECT 'yes' -- one\n;"),
        ("text", "course/\n  a.md   урок\n", "course/\n  a.md   the lesson\n"),
        ("text output", "Готово\n5\n", "Done\n5\n"),
        (
            "mermaid",
            "flowchart LR\n  a[Заказ] -->|да| b{Есть?}",
            "flowchart LR\n  a[Order] -->|yes| b{There?}",
        ),
        (
            "mermaid",
            "sequenceDiagram\n  participant a as Покупатель\n  alt есть\n  a->>b: запрос\n  end",
            "sequenceDiagram\n  participant a as Customer\n  alt there\n  a->>b: a request\n  end",
        ),
        (
            "mermaid",
            'erDiagram\n  A ||--o{ B : "есть"\n  A {\n    int id PK "ключ"\n  }',
            'erDiagram\n  A ||--o{ B : "has"\n  A {\n    int id PK "a key"\n  }',
        ),
    ],
)
def test_what_people_read_may_differ(info: str, ru: str, en: str) -> None:
    assert differs(fence(info, ru), fence(info, en)) is None


@pytest.mark.parametrize(
    ("info", "ru", "en"),
    [
        ("python", "x = 1\n", "x = 2\n"),
        ("python", "x = 1\n", "x = 1\ny = 2\n"),
        ("python", "if x:\n    y = 1\n", "if x:\n  y = 1\n"),
        ("python", 'print("order")\n', 'print("Order")\n'),
        ("python", 'print("Заказ", a)\n', 'print("Order", b)\n'),
        ("python", 'print("Заказ")\n', 'print("Order", "2")\n'),
        ("python", 'x = "#1"\n', 'x = "#2"\n'),
        ("yaml", "a: x#y\n", "a: x#z\n"),
        ("yaml", "a: Заказ\n", "a: Order\n"),
        ("json", '{"a": 1}', '{"a": 2}'),
        ("http", "GET / HTTP/1.1\nHost: a\n", "GET / HTTP/1.1\nHost: b\n"),
        ("proto", "int32 a = 1;", "int32 a = 2;"),
        ("text", "a.md\n", "b.md\n"),
        ("text", "урок\n", "lesson\nmore\n"),
        ("mermaid", "flowchart LR\n  a --> b", "flowchart LR\n  a --> c"),
        ("mermaid", "flowchart LR\n  a --> b", "flowchart LR\n  a -.-> b"),
        ("mermaid", "sequenceDiagram\n  a->>b: раз", "sequenceDiagram\n  a-->>b: one"),
        ("mermaid", "erDiagram\n  A ||--o{ B : a", "erDiagram\n  A ||--|| B : a"),
    ],
)
def test_all_else_is_equal(info: str, ru: str, en: str) -> None:
    assert differs(fence(info, ru), fence(info, en)) is not None


def test_the_difference_is_told() -> None:
    told = differs(fence("json", '{\n"a": 1}'), fence("json", '{\n"a": 2}'))
    assert told == "'\"a\": 1}' in Russian, '\"a\": 2}' in English"
    assert differs(fence("python", "1"), fence("python stand", "1")) == (
        "`python` in Russian, `python stand` in English"
    )


def test_one_run_tells_about_both_where_comments_alone_differ() -> None:
    ru = fence("python", "print('a')  # раз\n")
    assert is_same_code(ru, fence("python", "print('a')  # one\n"))
    assert not is_same_code(fence("python", "print('а')\n"), fence("python", "print('b')\n"))
