"""XML as the readers of WSDL and XSD need it: no entities, no network, names without prefixes."""

from collections.abc import Iterator

from lxml import etree

from stend.kit.languages import Language

XS = "http://www.w3.org/2001/XMLSchema"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parse(text: str) -> etree._Element:
    """
    Raises:
        ValueError: it is no XML, or it brings a DTD.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a contract has no DTD")
    return root


def tag(node: etree._Element) -> str:
    """The name without its namespace."""
    return etree.QName(node).localname


def children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Those of these names, in their order; all of them where none is named."""
    for child in node:
        if not names or tag(child) in names:
            yield child


def local(name: str | None) -> str:
    """`tns:Order` to `Order`."""
    return (name or "").rpartition(":")[2]


def doc_of(node: etree._Element, language: Language) -> str:
    """What `documentation` says, in the language when it has it: by `xml:lang`, or by an element
    named like the language inside of it."""
    found: dict[str, str] = {}
    holders = [node, *children(node, "annotation")]
    for one in (text for holder in holders for text in children(holder, "documentation")):
        inner = {tag(child): _words(child) for child in children(one)}
        found.update(inner or {one.get(_XML_LANG, ""): _words(one)})
    for wanted in (language.value, "", Language.EN.value):
        if found.get(wanted):
            return found[wanted]
    return next(iter(found.values()), "")


def _words(node: etree._Element) -> str:
    return " ".join("".join(map(str, node.itertext())).split())
