"""Envelopes and faults of both versions, as their specifications want them."""

import pytest
from lxml import etree

from stend.chassis.soap.envelope import (
    NEXT_11,
    Envelope,
    HeaderError,
    SoapVersion,
    read_envelope,
    write_answer,
)
from stend.chassis.soap.faults import Side, answer_of
from stend.chassis.soap.xml import parse
from stend.kit.errors import EdgeErrorCode, StendError, Violation

NS = "urn:test"
KNOWN = "{urn:h}known"
ROLE_12 = "http://www.w3.org/2003/05/soap-envelope/role/"
every_version = pytest.mark.parametrize("version", SoapVersion, ids=lambda one: one.value[0])


def envelope(version: SoapVersion, inside: str, namespace: str | None = None) -> bytes:
    uri = namespace or version.namespace
    return f'<s:Envelope xmlns:s="{uri}" xmlns:h="urn:h">{inside}</s:Envelope>'.encode()


def read(raw: bytes) -> Envelope:
    return read_envelope(parse(raw), frozenset({KNOWN}))


def refusal(raw: bytes) -> StendError:
    with pytest.raises(StendError) as caught:
        read(raw)
    return caught.value


def with_header(version: SoapVersion, attributes: str, name: str = "h:strange") -> bytes:
    return envelope(version, f"<s:Header><{name} {attributes}/></s:Header><s:Body><x/></s:Body>")


# ---- envelopes ---------------------------------------------------------------------------------


@every_version
def test_an_envelope_is_its_version_its_headers_and_the_one_child_of_its_body(
    version: SoapVersion,
) -> None:
    inside = "\n<s:Header> <h:known/> </s:Header>\n<s:Body>\n<x/>\n</s:Body>\n"
    got = read(envelope(version, inside))
    assert (got.version, [one.tag for one in got.headers], got.payload.tag) == (
        version,
        [KNOWN],
        "x",
    )
    assert got.header(KNOWN) is got.headers[0]
    assert got.header("{urn:h}other") is None


@every_version
@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<s:Header/>",
        "<s:Body/>",
        "<s:Body><x/><y/></s:Body>",
        "<s:Body>text</s:Body>",
        "<s:Body><x/>text</s:Body>",
        "<s:Body><x/></s:Body><s:Body><x/></s:Body>",
        "<s:Body><x/></s:Body><s:Header/>",
        "<s:Body><x/></s:Body><h:trailer/>",
        "<s:Header/><s:Header/><s:Body><x/></s:Body>",
        "<s:Header>text</s:Header><s:Body><x/></s:Body>",
        "<Body><x/></Body>",
        "text<s:Body><x/></s:Body>",
    ],
)
def test_another_lay_out_is_refused(version: SoapVersion, inside: str) -> None:
    assert refusal(envelope(version, inside)).code is EdgeErrorCode.MALFORMED_MESSAGE


def test_a_root_that_is_no_envelope_is_refused_and_is_no_other_version() -> None:
    error = refusal(b"<Letter/>")
    assert not isinstance(error, HeaderError)
    assert error.code is EdgeErrorCode.MALFORMED_MESSAGE


@pytest.mark.parametrize("uri", ["", "urn:soap-1.3", SoapVersion.SOAP_12.namespace + "/"])
def test_an_envelope_of_another_namespace_is_a_version_mismatch(uri: str) -> None:
    error = refusal(f'<Envelope xmlns="{uri}"><Body><x/></Body></Envelope>'.encode())
    assert isinstance(error, HeaderError)
    assert error.name == "VersionMismatch"


@every_version
def test_a_block_that_stands_twice_is_refused_when_it_is_read(version: SoapVersion) -> None:
    inside = "<s:Header><h:known/><h:known/></s:Header><s:Body><x/></s:Body>"
    with pytest.raises(StendError):
        read(envelope(version, inside)).header(KNOWN)


# ---- mustUnderstand ----------------------------------------------------------------------------


@every_version
def test_a_mandatory_block_that_nobody_knows_is_refused(version: SoapVersion) -> None:
    error = refusal(with_header(version, 's:mustUnderstand="1"'))
    assert isinstance(error, HeaderError)
    assert (error.name, error.not_understood) == ("MustUnderstand", ("{urn:h}strange",))


@every_version
def test_a_known_mandatory_block_and_a_strange_optional_one_are_fine(version: SoapVersion) -> None:
    for attributes, name in (
        ('s:mustUnderstand="1"', "h:known"),
        ('s:mustUnderstand="0"', "h:strange"),
        ("", "h:strange"),
    ):
        assert read(with_header(version, attributes, name)).payload.tag == "x"


@pytest.mark.parametrize("value", ["true", "1", " 1 "])
def test_soap_12_writes_it_as_a_boolean(value: str) -> None:
    error = refusal(with_header(SoapVersion.SOAP_12, f's:mustUnderstand="{value}"'))
    assert isinstance(error, HeaderError)


@pytest.mark.parametrize(
    ("version", "value"),
    [
        (SoapVersion.SOAP_11, "true"),
        (SoapVersion.SOAP_11, "yes"),
        (SoapVersion.SOAP_12, "yes"),
        (SoapVersion.SOAP_12, ""),
    ],
)
def test_a_flag_that_is_none_is_not_guessed(version: SoapVersion, value: str) -> None:
    error = refusal(with_header(version, f's:mustUnderstand="{value}"'))
    assert error.code is EdgeErrorCode.MALFORMED_MESSAGE
    assert not isinstance(error, HeaderError)


@pytest.mark.parametrize(
    ("version", "role", "is_ours"),
    [
        (SoapVersion.SOAP_11, f's:actor="{NEXT_11}"', True),
        (SoapVersion.SOAP_11, 's:actor="urn:somebody"', False),
        (SoapVersion.SOAP_12, f's:role="{ROLE_12}next"', True),
        (SoapVersion.SOAP_12, f's:role="{ROLE_12}ultimateReceiver"', True),
        (SoapVersion.SOAP_12, f's:role="{ROLE_12}none"', False),
        (SoapVersion.SOAP_12, 's:role="urn:somebody"', False),
    ],
)
def test_only_blocks_for_us_have_to_be_understood(
    version: SoapVersion, role: str, is_ours: bool
) -> None:
    raw = with_header(version, f's:mustUnderstand="1" {role}')
    if is_ours:
        assert isinstance(refusal(raw), HeaderError)
    else:
        assert read(raw).headers == ()


# ---- faults ------------------------------------------------------------------------------------


def an_error() -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "No <good>.",
        value="a\x00b",
        expected="c",
        next_step="d",
        violations=(Violation("/a/0", "r1"), Violation("/b", "r2")),
    )


def fault_of(
    version: SoapVersion, error: StendError, side: Side = Side.CLIENT
) -> tuple[int, etree._Element, etree._Element]:
    answer = answer_of(version, error, side, NS)
    root = parse(answer.body)
    fault = root.find(f"{version.name_of('Body')}/{version.name_of('Fault')}")
    assert fault is not None
    return answer.status, root, fault


def resolved(element: etree._Element | None) -> str:
    """The QName in an element's text, in Clark notation."""
    assert element is not None
    prefix, _, local = (element.text or "").partition(":")
    return f"{{{element.nsmap[prefix]}}}{local}"


@pytest.mark.parametrize(("side", "name"), [(Side.CLIENT, "Client"), (Side.SERVER, "Server")])
def test_a_fault_of_soap_11_is_500_and_has_its_four_children_without_namespace(
    side: Side, name: str
) -> None:
    version = SoapVersion.SOAP_11
    status, root, fault = fault_of(version, an_error(), side)
    assert status == 500
    assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
    assert resolved(fault.find("faultcode")) == version.name_of(name)
    assert fault.findtext("faultstring") == an_error().detail.replace("\x00", "\ufffd")
    assert fault.find(f"detail/{{{NS}}}error") is not None
    assert root.find(version.name_of("Header")) is None


@pytest.mark.parametrize(
    ("side", "name", "status"), [(Side.CLIENT, "Sender", 400), (Side.SERVER, "Receiver", 500)]
)
def test_a_fault_of_soap_12_has_a_subcode_with_the_stable_code(
    side: Side, name: str, status: int
) -> None:
    version = SoapVersion.SOAP_12
    got, _, fault = fault_of(version, an_error(), side)
    assert got == status
    names = [etree.QName(child).localname for child in fault]
    assert names == ["Code", "Reason", "Detail"]
    value, subcode = (version.name_of(local) for local in ("Value", "Subcode"))
    code = fault.find(version.name_of("Code"))
    assert code is not None
    assert resolved(code.find(value)) == version.name_of(name)
    assert resolved(code.find(f"{subcode}/{value}")) == f"{{{NS}}}invalid-argument"
    text = fault.find(f"{version.name_of('Reason')}/{version.name_of('Text')}")
    assert text is not None
    assert text.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert fault.find(f"{version.name_of('Detail')}/{{{NS}}}error") is not None


@every_version
def test_the_error_element_tells_all_there_is(version: SoapVersion) -> None:
    _, root, _ = fault_of(version, an_error())
    element = next(root.iter(f"{{{NS}}}error"))
    texts = [
        (etree.QName(child).localname, child.text or "") for child in element.iter() if child.text
    ]
    assert texts == [
        ("code", "invalid-argument"),
        ("detail", "No <good>. Got: a\ufffdb. Expected: c. d"),
        ("value", "a\ufffdb"),
        ("expected", "c"),
        ("next_step", "d"),
        ("where", "/a/0"),
        ("rule", "r1"),
        ("where", "/b"),
        ("rule", "r2"),
    ]


@every_version
def test_a_mandatory_header_is_told_with_its_own_code(version: SoapVersion) -> None:
    error = refusal(with_header(SoapVersion.SOAP_11, 's:mustUnderstand="1"'))
    status, root, fault = fault_of(version, error)
    assert status == 500
    header = root.find(version.name_of("Header"))
    assert header is not None
    if version is SoapVersion.SOAP_11:
        assert resolved(fault.find("faultcode")) == version.name_of("MustUnderstand")
        # Section 4.4: the detail must not tell of headers.
        assert fault.find("detail") is None
        assert header.find(f"{{{NS}}}error") is not None
    else:
        code = fault.find(f"{version.name_of('Code')}/{version.name_of('Value')}")
        assert resolved(code) == version.name_of("MustUnderstand")
        block = header.find(version.name_of("NotUnderstood"))
        assert block is not None
        prefix, _, local = block.get("qname", "").partition(":")
        assert (block.nsmap[prefix], local) == ("urn:h", "strange")


def test_a_version_mismatch_of_soap_12_names_the_versions_that_are_spoken() -> None:
    error = refusal(b'<Envelope xmlns="urn:soap-1.3"><Body><x/></Body></Envelope>')
    version = SoapVersion.SOAP_12
    status, root, _ = fault_of(version, error)
    assert status == 500
    spoken = [
        one.nsmap[one.get("qname", "").partition(":")[0]]
        for one in root.iter(version.name_of("SupportedEnvelope"))
    ]
    assert spoken == [one.namespace for one in SoapVersion]


@every_version
def test_a_code_of_ws_security_is_a_code_of_its_own(version: SoapVersion) -> None:
    error = HeaderError(
        StendError(EdgeErrorCode.UNAUTHENTICATED, "No."), "FailedAuthentication", "urn:wsse", "wsse"
    )
    status, _, fault = fault_of(version, error)
    if version is SoapVersion.SOAP_11:
        assert status == 500
        assert resolved(fault.find("faultcode")) == "{urn:wsse}FailedAuthentication"
    else:
        assert status == 400
        value, subcode = (version.name_of(local) for local in ("Value", "Subcode"))
        code = fault.find(f"{version.name_of('Code')}/{subcode}/{value}")
        assert resolved(code) == "{urn:wsse}FailedAuthentication"


@every_version
def test_an_answer_is_read_as_it_was_written(version: SoapVersion) -> None:
    got = read(write_answer(version, '<x xmlns="urn:x">ж</x>'))
    assert (got.version, got.payload.tag, got.payload.text) == (version, "{urn:x}x", "ж")
