"""XML from strangers: what is dangerous or no XML is refused, and nothing is fetched."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.chassis.soap.xml import MAX_DEPTH, parse
from stend.kit.errors import EdgeErrorCode, StendError

SIMPLE = "<a><b>Ж</b></a>"


def refusal(raw: bytes, charset: str | None = None) -> StendError:
    with pytest.raises(StendError) as caught:
        parse(raw, charset)
    return caught.value


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """An address, and whoever has connected to it."""
    seen: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                while True:
                    connection, who = server.accept()
                    seen.append(who)
                    connection.close()
            except OSError:
                return

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", seen
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


# ---- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        pytest.param(SIMPLE.encode(), None, id="plain"),
        pytest.param(SIMPLE.encode(), "UTF-8", id="charset"),
        pytest.param(b"\xef\xbb\xbf" + SIMPLE.encode(), "utf-8", id="mark"),
        pytest.param(f'<?xml version="1.0" encoding="utf-8"?>\n{SIMPLE}'.encode(), None, id="xml"),
        pytest.param(f"<!-- x --> \n<!-- <!DOCTYPE a> -->{SIMPLE}".encode(), None, id="comments"),
        pytest.param(SIMPLE.encode("utf-16"), None, id="utf-16"),
        pytest.param(SIMPLE.encode("utf-16"), "UTF-16", id="utf-16-charset"),
        pytest.param(
            f'<?xml version="1.0" encoding="UTF-16"?>{SIMPLE}'.encode("utf-16"), None, id="u16-xml"
        ),
    ],
)
def test_both_encodings_are_read(raw: bytes, charset: str | None) -> None:
    assert parse(raw, charset).findtext("b") == "Ж"


def test_a_comment_inside_of_a_text_cuts_nothing_off() -> None:
    assert parse(b"<a>user<!-- x -->name<![CDATA[<&]]></a>").text == "username<&"


def test_character_references_and_the_five_entities_of_xml_itself_are_read() -> None:
    assert parse(b"<a>&lt;&gt;&amp;&apos;&quot;&#1046;</a>").text == "<>&'\"Ж"


def test_depth_is_bounded() -> None:
    def nested(levels: int) -> bytes:
        return b"<a>" * levels + b"</a>" * levels

    assert parse(nested(MAX_DEPTH)) is not None
    assert refusal(nested(MAX_DEPTH + 1)).code is EdgeErrorCode.MALFORMED_MESSAGE
    assert refusal(nested(9000)).code is EdgeErrorCode.MALFORMED_MESSAGE


# ---- attacks -----------------------------------------------------------------------------------

BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a ['
    '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&l9;</a>"
)
QUADRATIC = f'<!DOCTYPE a [<!ENTITY x "{"x" * 20_000}">]><a>{"&x;" * 10_000}</a>'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BILLION_LAUGHS, id="billion-laughs"),
        pytest.param(QUADRATIC, id="quadratic-blowup"),
        pytest.param("<!DOCTYPE a><a/>", id="doctype"),
        pytest.param("<!-- x -->\n<!DOCTYPE a><a/>", id="after-a-comment"),
        pytest.param('<?xml version="1.0"?>\n\n<!DOCTYPE a><a/>', id="after-the-declaration"),
        pytest.param('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', id="file"),
        pytest.param('<!DOCTYPE a [<!ATTLIST a b CDATA "x">]><a/>', id="attribute-default"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_type_is_refused_before_it_is_read(text: str, encoding: str) -> None:
    error = refusal(text.encode(encoding))
    assert error.code is EdgeErrorCode.MALFORMED_MESSAGE
    assert "document type declaration" in error.what
    assert "root:" not in error.detail


def test_a_second_mark_does_not_hide_a_document_type() -> None:
    hidden = '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    assert "byte order marks" in refusal(b"\xef\xbb\xbf" * 2 + hidden.encode()).what
    assert "byte order marks" in refusal(f"\ufeff{hidden}".encode("utf-16")).what


def test_nothing_is_fetched_from_anywhere(listener: tuple[str, list[object]]) -> None:
    address, seen = listener
    for text in (
        f'<!DOCTYPE a SYSTEM "http://{address}/a.dtd"><a/>',
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "http://{address}/x">]><a>&x;</a>',
        f'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://{address}/p"> %p;]><a/>',
        f'<?xml-stylesheet href="http://{address}/x.xsl"?><a/>',
    ):
        assert refusal(text.encode()).code is EdgeErrorCode.MALFORMED_MESSAGE
    parse(
        f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://{address}"/></a>'.encode()
    )
    assert seen == []


def test_a_file_is_not_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    root = parse(
        '<a xmlns:xi="http://www.w3.org/2001/XInclude">'
        f'<xi:include href="{secret.as_uri()}" parse="text"/></a>'.encode()
    )
    assert "".join(str(text) for text in root.itertext()) == ""


# ---- no XML ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" ", id="space"),
        pytest.param(b"{}", id="json"),
        pytest.param(b"<a>", id="unclosed"),
        pytest.param(b"<a/><b/>", id="two-roots"),
        pytest.param(b"<a>&nbsp;</a>", id="unknown-entity"),
        pytest.param(b"<a>\x00</a>", id="zero"),
        pytest.param(b"<a>\xff</a>", id="not-utf-8"),
        pytest.param(b"<a b='1' b='2'/>", id="attribute-twice"),
        pytest.param(b"<p:a/>", id="unbound-prefix"),
        pytest.param(b"<!-- x", id="unclosed-comment"),
        pytest.param(b"<?x y?><a/>", id="instruction"),
        pytest.param(b"<a><?x y?></a>", id="inner-instruction"),
        pytest.param(b"<a/><?x y?>", id="instruction-behind"),
        pytest.param(b'<?xml version="1.0" encoding="koi8-r"?><a/>', id="declared-koi8"),
        pytest.param(b'<?xml version="1.0" encoding="utf-16"?><a/>', id="declared-otherwise"),
        pytest.param("<a/>".encode("utf-16")[:-1], id="half-a-letter"),
    ],
)
def test_what_is_no_xml_of_soap_is_refused(raw: bytes) -> None:
    assert refusal(raw).code is EdgeErrorCode.MALFORMED_MESSAGE


@pytest.mark.parametrize(
    ("raw", "charset"),
    [(b"<a/>", "koi8-r"), (b"<a/>", "utf-16"), ("<a/>".encode("utf-16"), "utf-8")],
)
def test_another_encoding_than_announced_is_refused(raw: bytes, charset: str) -> None:
    assert refusal(raw, charset).code is EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_only_the_declared_error_escapes(raw: bytes) -> None:
    with contextlib.suppress(StendError):
        parse(raw)


@given(st.text(alphabet="<>!-?[]& \n\ufeffDOCTYPEaxml=\"'/;%", max_size=60))
def test_no_document_with_a_document_type_gets_through(text: str) -> None:
    try:
        root = parse(text.encode())
    except StendError:
        return
    assert root.getroottree().docinfo.internalDTD is None
