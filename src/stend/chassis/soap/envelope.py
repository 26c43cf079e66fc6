"""The envelope of SOAP 1.1 and 1.2: read, checked, written. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lxml import etree

from stend.chassis.soap.xml import malformed
from stend.kit.errors import EdgeErrorCode, StendError

NEXT_11 = "http://schemas.xmlsoap.org/soap/actor/next"
_ROLES_12 = "http://www.w3.org/2003/05/soap-envelope/role/"


class SoapVersion(Enum):
    """Values: name, namespace of the envelope, media type."""

    SOAP_11 = ("1.1", "http://schemas.xmlsoap.org/soap/envelope/", "text/xml")
    SOAP_12 = ("1.2", "http://www.w3.org/2003/05/soap-envelope", "application/soap+xml")

    @property
    def namespace(self) -> str:
        return self.value[1]

    @property
    def media_type(self) -> str:
        return self.value[2]

    def name_of(self, local: str) -> str:
        """`{http://…}Body` (Clark notation)."""
        return f"{{{self.namespace}}}{local}"


# Header blocks that are for whoever reads the message last, which we are. `none` is for nobody.
_OURS = {
    SoapVersion.SOAP_11: frozenset({None, "", NEXT_11}),
    SoapVersion.SOAP_12: frozenset(
        {None, "", f"{_ROLES_12}next", f"{_ROLES_12}ultimateReceiver"},
    ),
}
_ROLE_ATTRIBUTE = {SoapVersion.SOAP_11: "actor", SoapVersion.SOAP_12: "role"}
# An integer in 1.1 (section 4.2.3), an xs:boolean in 1.2 (Part 1, section 5.2.3).
_FLAGS = {
    SoapVersion.SOAP_11: {"1": True, "0": False},
    SoapVersion.SOAP_12: {"1": True, "0": False, "true": True, "false": False},
}


class HeaderError(StendError):
    """A refusal whose fault code is a name of its own and not just "client" or "server".

    Attributes:
        name: local name of the fault code, such as `MustUnderstand` or `FailedAuthentication`.
        namespace: of the fault code; None stands for that of the envelope.
        prefix: the usual one of the namespace.
        not_understood: names of the header blocks that nobody understood, in Clark notation.
    """

    def __init__(
        self,
        error: StendError,
        name: str,
        namespace: str | None = None,
        prefix: str = "soap",
        not_understood: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            error.code,
            error.what,
            value=error.value,
            expected=error.expected,
            next_step=error.next_step,
            blame=error.blame,
        )
        self.name = name
        self.namespace = namespace
        self.prefix = prefix
        self.not_understood = not_understood


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    Attributes:
        headers: the blocks that are addressed to us.
        payload: the one child of the body.
    """

    version: SoapVersion
    headers: tuple[etree._Element, ...]
    payload: etree._Element

    def header(self, name: str) -> etree._Element | None:
        """The block of this name (Clark notation).

        Raises:
            StendError: MALFORMED_MESSAGE when it stands there twice.
        """
        found = [block for block in self.headers if block.tag == name]
        if len(found) > 1:
            raise malformed("A header block stands there twice.", name, "it once")
        return found[0] if found else None


def version_of(root: etree._Element) -> SoapVersion:
    """
    Raises:
        HeaderError: VersionMismatch, for an envelope of another namespace.
        StendError: MALFORMED_MESSAGE, for what is no envelope.
    """
    name = etree.QName(root)
    if name.localname != "Envelope":
        raise malformed("The message is no SOAP envelope.", root.tag, "Envelope")
    for version in SoapVersion:
        if name.namespace == version.namespace:
            return version
    raise HeaderError(
        StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The envelope is of a version that this service does not speak.",
            value=name.namespace or "no namespace",
            expected=" or ".join(version.namespace for version in SoapVersion),
            next_step="Send an envelope of SOAP 1.1 or 1.2.",
        ),
        "VersionMismatch",
    )


def read_envelope(root: etree._Element, understood: frozenset[str]) -> Envelope:
    """
    Args:
        understood: names of the header blocks that the service knows.

    Raises:
        HeaderError: VersionMismatch; MustUnderstand, for a mandatory block that nobody knows.
        StendError: MALFORMED_MESSAGE.
    """
    version = version_of(root)
    parts = _children(root)
    header, body = version.name_of("Header"), version.name_of("Body")
    names = [part.tag for part in parts]
    if names not in ([body], [header, body]):
        raise malformed(
            "The envelope has other parts than it should.",
            ", ".join(str(etree.QName(name).localname) for name in names) or "nothing",
            "an optional Header, then one Body, both of the envelope's namespace",
        )
    blocks = _children(parts[0]) if names[0] == header else []
    payload = _children(parts[-1])
    if len(payload) != 1:
        raise malformed(
            "The body holds other than one element.", f"{len(payload)} elements", "one element"
        )
    ours = tuple(block for block in blocks if _is_ours(block, version))
    _check_understood(ours, version, understood)
    return Envelope(version, ours, payload[0])


def write_envelope(
    version: SoapVersion, payload: etree._Element, headers: Iterable[etree._Element] = ()
) -> bytes:
    root = etree.Element(version.name_of("Envelope"), nsmap={"soap": version.namespace})
    blocks = list(headers)
    if blocks:
        etree.SubElement(root, version.name_of("Header")).extend(blocks)
    etree.SubElement(root, version.name_of("Body")).append(payload)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def write_answer(version: SoapVersion, markup: str) -> bytes:
    """
    Args:
        markup: of the one element in the body.
    """
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<soap:Envelope xmlns:soap="{version.namespace}"><soap:Body>'
        f"{markup}</soap:Body></soap:Envelope>"
    ).encode()


def _children(parent: etree._Element) -> list[etree._Element]:
    children = list(parent)
    texts = [parent.text, *(child.tail for child in children)]
    if any(text and not text.isspace() for text in texts):
        name = etree.QName(parent).localname
        raise malformed(f"Text stands directly inside of {name}.", None, "elements only")
    return children


def _is_ours(block: etree._Element, version: SoapVersion) -> bool:
    role = block.get(version.name_of(_ROLE_ATTRIBUTE[version]))
    return role in _OURS[version]


def _check_understood(
    blocks: Iterable[etree._Element], version: SoapVersion, understood: frozenset[str]
) -> None:
    strange = tuple(
        block.tag
        for block in blocks
        if _is_mandatory(block, version) and block.tag not in understood
    )
    if strange:
        raise HeaderError(
            StendError(
                EdgeErrorCode.INVALID_ARGUMENT,
                "A mandatory header block is one that this service does not understand.",
                value=", ".join(strange),
                expected=", ".join(sorted(understood)) or "no mandatory header block",
                next_step="Leave the block out, or send it without mustUnderstand.",
            ),
            "MustUnderstand",
            not_understood=strange,
        )


def _is_mandatory(block: etree._Element, version: SoapVersion) -> bool:
    said = block.get(version.name_of("mustUnderstand"), "0").strip()
    flag = _FLAGS[version].get(said)
    if flag is None:
        allowed = ", ".join(_FLAGS[version])
        raise malformed("mustUnderstand has a value that is none.", said, allowed)
    return flag
