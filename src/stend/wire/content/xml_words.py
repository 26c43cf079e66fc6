"""What the pieces of XML are for."""

from collections.abc import Callable

from stend.kit.fields import Meaning
from stend.kit.languages import Text
from stend.wire.content.words import said

# Namespace and local name of an element to its meaning.
Explain = Callable[[str, str], Meaning]

AMBIGUOUS = Text(ru="здесь не атрибут XML", en="there is no attribute of XML here")

DECLARATION = said(
    "XML 1.0 §2.8",
    "Объявление: версия XML и кодировка, без которой байты в символы не превратить.",
    "The declaration: XML's version, and the encoding that turns bytes into characters.",
)
DOCTYPE = said(
    "XML 1.0 §2.8",
    "Объявление типа документа. Через сущности в нём читают чужие файлы (XXE) и раздувают память, "
    "поэтому SOAP его запрещает, а здесь оно только показано.",
    "The document type declaration. Its entities are used to read files (XXE) and to fill "
    "memory, so "
    "SOAP forbids it; here it is only shown.",
)
ELEMENT = said(
    "XML 1.0 §3",
    "Элемент: что он значит, сказано в схеме или контракте.",
    "An element: the schema or the contract says what it means.",
)
S_TAG = said("XML 1.0 §3.1", "Открывающий тег.", "The start tag.")
E_TAG = said(
    "XML 1.0 §3.1",
    "Закрывающий тег; имя должно совпасть с открывающим.",
    "The end tag; its name must be that of the start tag.",
)
EMPTY_TAG = said(
    "XML 1.0 §3.1",
    "Пустой элемент: то же, что открывающий и сразу закрывающий тег.",
    "An empty element: the same as a start tag with an end tag at once.",
)
NAME = said(
    "Namespaces in XML §4",
    "Имя с префиксом; важен не сам префикс, а пространство имён, к которому он привязан.",
    "A name with its prefix; what counts is not the prefix but the namespace that it is bound to.",
)
OPEN = said("XML 1.0 §3.1", "Начало тега.", "The tag begins.")
CLOSE = said("XML 1.0 §3.1", "Конец тега.", "The tag ends.")
ATTRIBUTE = said(
    "XML 1.0 §3.1",
    "Атрибут элемента; порядок атрибутов ничего не значит.",
    "An attribute of the element; the order of attributes has no meaning.",
)
NAMESPACE = said(
    "Namespaces in XML §3",
    "Привязывает префикс к пространству имён; URI здесь — просто имя, по нему никто не ходит.",
    "Binds a prefix to a namespace; the URI is just a name, nobody fetches it.",
)
EQ = said("XML 1.0 §3.1", "Знак равенства.", "The equals sign.")
ATT_VALUE = said(
    "XML 1.0 §3.1",
    "Значение атрибута в кавычках.",
    "The attribute's value, in quotes.",
)
CHAR_DATA = said(
    "XML 1.0 §2.4",
    "Текст элемента; < и & записаны как &lt; и &amp;.",
    "The element's text; < and & are written as &lt; and &amp;.",
)
CD_SECT = said(
    "XML 1.0 §2.7",
    "Текст как есть: внутри CDATA знаки < и & не особые.",
    "Text as it is: inside CDATA < and & are not special.",
)
COMMENT = said("XML 1.0 §2.5", "Комментарий.", "A comment.")
INSTRUCTION = said(
    "XML 1.0 §2.6",
    "Указание программе; в SOAP не допускается.",
    "An instruction to a program; SOAP does not allow it.",
)
SPACE = said(
    "XML 1.0 §2.3",
    "Пробелы и переводы строк, обычно для людей.",
    "White space, as a rule for people.",
)


def plain(space: str, local: str) -> Meaning:
    """Any element of any vocabulary."""
    del space, local
    return ELEMENT
