"""XML Schema 1.0: global elements, judged by documents (libxml2 through lxml).

What one schema takes and another does not is shown by documents that the asker brings; nothing is
claimed about others.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from lxml import etree

from stend.course.formats.contract import (
    Break,
    Comparison,
    Message,
    Operation,
    Problem,
    Role,
    Rule,
    UnknownMessageError,
    UnreadableError,
    Verdict,
)
from stend.course.formats.xml_source import read_xml
from stend.kit.languages import Text

XS = "http://www.w3.org/2001/XMLSchema"
_FROM_OUTSIDE = ("import", "include", "redefine", "override")
_PLACE = "stend-schema:"


class Xsd:
    """
    Args:
        schemas: `xs:schema` elements, one for each namespace; they may import each other.
    """

    def __init__(self, file: str, schemas: Sequence[Any]) -> None:
        self._file = file
        self.schemas = tuple(schemas)

    @property
    def file(self) -> str:
        return self._file

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def operations(self) -> tuple[Operation, ...]:
        return ()

    def messages(self) -> tuple[Message, ...]:
        """The global elements, as `{namespace}name`."""
        self._check()
        return tuple(
            Message(name, Role.EVENT, name, f"{self._file}:{element.sourceline}")
            for name, element in self._elements()
        )

    def judge(self, where: str, message: object) -> Verdict:
        """
        Args:
            where: `{namespace}name`, or the name alone where no other namespace has it.
            message: a document, as a text.
        """
        known = [name for name, _ in self._elements()]
        self._check()
        fitting = [name for name in known if where in {name, name.rpartition("}")[2]}]
        if len(fitting) != 1:
            raise UnknownMessageError(where, known)
        try:
            root = read_xml(str(message), "message")
        except UnreadableError as error:
            return Verdict(error.problem.sentence)
        return self.judge_element(fitting[0], root)

    def judge_element(self, name: str, element: Any) -> Verdict:
        """
        Args:
            name: `{namespace}name`.
            element: of lxml; a document of its own, or a part of one.
        """
        self._check()
        if element.tag != name:
            return Verdict(
                Text(ru=f"{element.tag} — это не {name}.", en=f"{element.tag} is not {name}.")
            )
        if self._compiled.validate(element):
            return Verdict()
        error = self._compiled.error_log[0]
        return Verdict(
            Text(ru=f"Не по схеме: {error.message}", en=f"Against the schema: {error.message}"),
            error.path or "",
        )

    def _check(self) -> None:
        if self._problems:
            raise UnreadableError(self._problems[0])

    def _elements(self) -> Iterator[tuple[str, Any]]:
        for schema in self.schemas:
            namespace = schema.get("targetNamespace")
            for element in schema.findall(f"{{{XS}}}element"):
                name = element.get("name", "")
                yield (f"{{{namespace}}}{name}" if namespace else name), element

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        outside = tuple(self._from_outside())
        if outside:
            return outside
        try:
            self._compiled  # noqa: B018 - compiling is the question
        except etree.XMLSchemaParseError as error:
            lines = [(one.message, one.line) for one in error.error_log] or [(str(error), 1)]
            return tuple(self._problem(told, line) for told, line in lines)
        return ()

    def _from_outside(self) -> Iterator[Problem]:
        for schema in self.schemas:
            if schema.tag != f"{{{XS}}}schema":
                yield self._problem(f"{schema.tag} is not xs:schema", schema.sourceline)
            for word in _FROM_OUTSIDE:
                for one in schema.iter(f"{{{XS}}}{word}"):
                    if one.get("schemaLocation") is not None or word != "import":
                        told = f"xs:{word} from outside is not read; keep it in one file"
                        yield self._problem(told, one.sourceline)

    def _problem(self, told: str, line: int) -> Problem:
        text = Text(ru=f"Это не XSD: {told}", en=f"This is no XSD: {told}")
        return Problem(Rule.FORM, text, "", f"{self._file}:{line}")

    @cached_property
    def _compiled(self) -> Any:
        if len(self.schemas) == 1:
            return (
                etree.XMLSchema(self.schemas[0].getroottree())
                if _is_root(self.schemas[0])
                else etree.XMLSchema(etree.fromstring(etree.tostring(self.schemas[0])))
            )
        texts = [etree.tostring(one) for one in self.schemas]
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        parser.resolvers.add(_Kept(texts))
        imports = "".join(
            f'<xs:import namespace="{one.get("targetNamespace")}" schemaLocation="{_PLACE}{i}"/>'
            for i, one in enumerate(self.schemas)
        )
        return etree.XMLSchema(
            etree.fromstring(f'<xs:schema xmlns:xs="{XS}">{imports}</xs:schema>', parser)
        )


class _Kept(etree.Resolver):
    """Gives the schemas that are there already, and nothing else."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        super().__init__()
        self._texts = texts

    def resolve(self, system_url: str, public_id: str, *context: Any) -> Any:
        # The stubs of lxml know neither the context nor that a text needs no address.
        inner: Any = self
        if system_url.startswith(_PLACE):
            return inner.resolve_string(self._texts[int(system_url[len(_PLACE) :])], *context)
        return inner.resolve_empty(*context)


def _is_root(element: Any) -> bool:
    return element.getparent() is None


def _judged(schema: Xsd, where: str, document: str) -> Verdict:
    try:
        return schema.judge(where, document)
    except UnknownMessageError:
        return Verdict(Text(ru=f"Элемента {where} нет.", en=f"There is no element {where}."))


def read(text: str, file: str) -> Xsd:
    """
    Raises:
        UnreadableError: it is no XML, has a DTD, or is out of bounds.
    """
    return Xsd(file, (read_xml(text, file),))


def breaking(
    old: Xsd, new: Xsd, where: str, *, requests: Sequence[str] = (), responses: Sequence[str] = ()
) -> Comparison:
    """
    Args:
        where: a message that both have.
        requests: documents that clients of the old version send.
        responses: documents that the new version sends to them.

    Raises:
        UnreadableError: one of the schemas has problems.
    """
    found: list[Break] = []
    for documents, writer, reader, ru, en in (
        (requests, old, new, "Прежняя схема это принимала.", "The old schema took this."),
        (responses, new, old, "Новая схема может такое прислать.", "The new schema may send this."),
    ):
        for document in documents:
            verdict = _judged(reader, where, document)
            if _judged(writer, where, document).accepted and verdict.reason is not None:
                reason = Text(ru=f"{ru} {verdict.reason.ru}", en=f"{en} {verdict.reason.en}")
                found.append(Break(where, reason, document, verdict.pointer, f"{new.file}:1"))
    return Comparison(tuple(found))
