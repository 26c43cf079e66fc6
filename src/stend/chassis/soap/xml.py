"""Reads XML that strangers send. Pure.

What makes an XML parser dangerous is in the document type declaration: entities that name files and
addresses (XXE), entities made of entities (the "billion laughs"), external subsets. SOAP forbids
the declaration altogether (SOAP 1.1, section 3; SOAP 1.2 Part 1, section 5), so it is refused
before the parser sees the first byte of it.
"""

import re

from lxml import etree

from stend.kit.errors import EdgeErrorCode, StendError

# Far more than any message of ours; each level costs a validator a frame of its stack.
MAX_DEPTH = 32

# Characters that have no place in XML 1.0 (section 2.2).
NOT_OF_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Possessive: what has matched is never tried in another way, so hostile bytes cost one pass.
_PROLOG = re.compile(r"(?:<\?xml(?P<declaration>\s[^?>]*+)\?>)?+(?:\s++|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_INSTRUCTIONS = etree.XPath("boolean(//processing-instruction())")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"


def parse(raw: bytes, charset: str | None = None) -> etree._Element:
    """The root of a document, without comments.

    Args:
        charset: what the transport says of the encoding, where it does (RFC 7303, section 3.2).

    Raises:
        StendError: MALFORMED_MESSAGE; UNSUPPORTED_MEDIA_TYPE for another encoding than UTF-8 and
            UTF-16 (WS-I Basic Profile 1.1, R1012).
    """
    encoding = "utf-16" if raw.startswith(_UTF_16_MARKS) else "utf-8"
    if charset is not None and charset.lower() != encoding:
        raise _other_encoding(charset)
    text = _decoded(raw.removeprefix(_UTF_8_MARK), encoding)
    # libxml2 would skip a second mark, and the check of the prolog would not see what follows.
    if text.startswith("\ufeff"):
        raise malformed("The message has two byte order marks.", None, "at most one")
    _check_prolog(text, encoding)
    root = _parsed(text)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type()
    if _TOO_DEEP(root.getroottree()):
        raise malformed("Elements are nested too deeply.", None, f"at most {MAX_DEPTH} levels")
    if "<?" in text[1:] and _INSTRUCTIONS(root.getroottree()):
        raise _instruction()
    return root


def malformed(what: str, value: str | None, expected: str) -> StendError:
    return StendError(
        EdgeErrorCode.MALFORMED_MESSAGE,
        what,
        value=value,
        expected=expected,
        next_step="Compare the bytes you sent with an example of the contract.",
    )


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise malformed(f"The message is not {encoding.upper()}.", place, "valid text") from None


def _check_prolog(text: str, encoding: str) -> None:
    prolog = _PROLOG.match(text)
    if prolog is None:
        raise AssertionError("the pattern also matches nothing at all")
    declared = _ENCODING.search(prolog["declaration"] or "")
    if declared and declared[1].lower() != encoding:
        raise malformed(
            "The XML declaration names an encoding that the message does not have.",
            declared[1],
            encoding.upper(),
        )
    rest = text[prolog.end() : prolog.end() + 9]
    if rest.startswith("<!DOCTYPE"):
        raise _document_type()
    if rest.startswith("<?"):
        raise _instruction()


def _parsed(text: str) -> etree._Element:
    # Nothing here could be expanded or fetched any more; the options say so a second time. Huge
    # trees stay off: libxml2 keeps its own bounds.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        huge_tree=False,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise malformed("The message is not well-formed XML.", error.msg, "XML 1.0") from None


def _document_type() -> StendError:
    return malformed(
        "The message carries a document type declaration.",
        "<!DOCTYPE",
        "none: SOAP forbids it, for entities are made there (SOAP 1.2 Part 1, section 5)",
    )


def _instruction() -> StendError:
    return malformed(
        "The message carries a processing instruction.",
        "<?",
        "none: SOAP forbids it (SOAP 1.1, section 3)",
    )


def _other_encoding(charset: str) -> StendError:
    return StendError(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "The message is in another encoding than its Content-Type says, or in a rare one.",
        value=charset,
        expected="charset=utf-8, or utf-16 with a byte order mark",
        next_step="Send UTF-8.",
    )
