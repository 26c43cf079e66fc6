"""A GraphQL document as its tokens (GraphQL §2.1)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from stend.kit.fields import Field, Inner, Meaning, undecoded
from stend.kit.languages import Text
from stend.wire.content.words import said

if TYPE_CHECKING:
    from graphql.language import Lexer, Token

MAX_TOKENS = 2_000

_HOW = Text(ru="строка JSON без escape-последовательностей", en="the JSON string without escapes")
_IGNORED = said(
    "GraphQL §2.1.5",
    "Пробелы, переводы строк и запятые: на смысл документа не влияют.",
    "Space, line breaks and commas: without influence on what the document means.",
)
_PUNCTUATOR = said(
    "GraphQL §2.1.8",
    "Знак: { } окружают набор полей, ( ) — аргументы, $ стоит перед переменной, ! — «не null».",
    "A mark: { } enclose a selection of fields, ( ) arguments, $ stands before a variable, ! says "
    "that it is never null.",
)
_KINDS: dict[str, tuple[str, Meaning]] = {
    "NAME": (
        "Name",
        said(
            "GraphQL §2.1.9",
            "Имя: поля, аргумента, типа, переменной или операции — по месту.",
            "A name: of a field, an argument, a type, a variable or an operation, by its place.",
        ),
    ),
    "INT": ("IntValue", said("GraphQL §2.9.1", "Целое число.", "A whole number.")),
    "FLOAT": ("FloatValue", said("GraphQL §2.9.2", "Дробное число.", "A fractional number.")),
    "STRING": ("StringValue", said("GraphQL §2.9.4", "Строка.", "A string.")),
    "BLOCK_STRING": (
        "StringValue",
        said(
            "GraphQL §2.9.4",
            "Строка на несколько строк: общий отступ отбрасывается.",
            "A string over several lines: their shared indent is dropped.",
        ),
    ),
    "COMMENT": (
        "Comment",
        said(
            "GraphQL §2.1.4",
            "Комментарий до конца строки.",
            "A comment up to the end of the line.",
        ),
    ),
}
_KEYWORDS: dict[str, Meaning] = {
    "query": said(
        "GraphQL §2.3", "Операция чтения: ничего не меняет.", "An operation that only reads."
    ),
    "mutation": said(
        "GraphQL §2.3",
        "Операция, которая меняет данные; её поля верхнего уровня выполняются по очереди.",
        "An operation that changes data; its top fields run one after another.",
    ),
    "subscription": said(
        "GraphQL §2.3",
        "Операция с потоком результатов, по одному на событие.",
        "An operation with a stream of results, one for each event.",
    ),
    "fragment": said(
        "GraphQL §2.8",
        "Именованный набор полей, который можно вставить в несколько мест.",
        "A named selection of fields that can stand in several places.",
    ),
    "on": said(
        "GraphQL §2.8.2",
        "Дальше — тип, для которого выбраны поля.",
        "The type follows for which the fields are selected.",
    ),
}


def with_tokens(members: Iterable[Field]) -> tuple[Field, ...]:
    """The same members of a request, with the tokens of `query` inside its value."""
    return tuple(_opened(one) for one in members)


def _opened(member: Field) -> Field:
    if member.name not in ("query", "payload") or not member.children:
        return member
    if member.name == "payload":
        return member._replace(children=with_tokens(member.children))
    *before, last = member.children
    if not isinstance(last.value, str):
        return member
    data = last.value.encode()
    opened = last._replace(inner=Inner(_HOW, data, graphql_fields(data)))
    return member._replace(children=(*before, opened))


def graphql_fields(data: bytes) -> tuple[Field, ...]:
    """The tokens of a document, and what is ignored between them.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    from graphql.error import GraphQLSyntaxError
    from graphql.language import Lexer, Source

    text = data.decode()
    fields: list[Field] = []
    at, char = 0, 0
    why: Text | None = None
    try:
        for token in _tokens(Lexer(Source(text))):
            begin = at + len(text[char : token.start].encode())
            if begin > at:
                fields.append(Field("Ignored", "", text[char : token.start], at, begin, _IGNORED))
            at = begin + len(text[token.start : token.end].encode())
            char = token.end
            if at > begin:
                fields.append(_field(token, text[token.start : token.end], begin, at))
        if at < len(data):
            why = Text(
                ru=f"дальше не разобрано: лексем больше {MAX_TOKENS}",
                en=f"not decoded further: there are more than {MAX_TOKENS} tokens",
            )
    except GraphQLSyntaxError:
        why = Text(ru="здесь не лексема GraphQL", en="there is no token of GraphQL here")
    return (*fields, undecoded(at, len(data), why)) if why else tuple(fields)


def _tokens(lexer: "Lexer") -> Iterator["Token"]:
    at = 0
    for _ in range(MAX_TOKENS):
        token = lexer.read_next_token(at)
        yield token
        if token.kind.name == "EOF":
            return
        at = token.end


def _field(token: "Token", text: str, start: int, end: int) -> Field:
    name, meaning = _KINDS.get(token.kind.name, ("Punctuator", _PUNCTUATOR))
    if name == "Name":
        meaning = _KEYWORDS.get(text, meaning)
    value = token.value if token.value is not None else text
    return Field(name, token.kind.name.lower(), value, start, end, meaning)
