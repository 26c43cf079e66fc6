"""XSD and WSDL: documents judged, versions compared by documents."""

import pytest

from stend.course.formats import wsdl, xsd
from stend.course.formats.contract import UnknownMessageError, UnreadableError

_XSD = """<?xml version="1.0" encoding="windows-1251"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:check"
    targetNamespace="urn:check" elementFormDefault="qualified">
  <xs:simpleType name="Inn">
    <xs:restriction base="xs:string"><xs:pattern value="[0-9]{10}"/></xs:restriction>
  </xs:simpleType>
  <xs:element name="CheckRequest"><xs:complexType><xs:sequence>
    <xs:element name="inn" type="t:Inn"/>
    <xs:element name="note" type="xs:string" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="CheckResponse"><xs:complexType><xs:sequence>
    <xs:element name="verdict" type="xs:string"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
_WSDL = (
    """<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:check"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" targetNamespace="urn:check">
<wsdl:types>
"""
    + _XSD.partition("\n")[2]
    + """
</wsdl:types>
<wsdl:message name="In"><wsdl:part name="p" element="t:CheckRequest"/></wsdl:message>
<wsdl:message name="Out"><wsdl:part name="p" element="t:CheckResponse"/></wsdl:message>
<wsdl:portType name="Checking"><wsdl:operation name="Check">
  <wsdl:input message="t:In"/><wsdl:output message="t:Out"/>
</wsdl:operation></wsdl:portType>
<wsdl:binding name="Soap" type="t:Checking">
  <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
  <wsdl:operation name="Check"><soap:operation soapAction="urn:check#Check"/>
    <wsdl:input><soap:body use="literal"/></wsdl:input>
    <wsdl:output><soap:body use="literal"/></wsdl:output>
  </wsdl:operation></wsdl:binding>
<wsdl:service name="Checks"><wsdl:port name="Port" binding="t:Soap">
  <soap:address location="http://127.0.0.1:9/check"/></wsdl:port></wsdl:service>
</wsdl:definitions>"""
)
_NAME = "{urn:check}CheckRequest"
_REQUEST = '<CheckRequest xmlns="urn:check"><inn>{}</inn></CheckRequest>'
_GOOD, _BAD = _REQUEST.format("1234567890"), _REQUEST.format("12")
_PREFIXED = '<p:CheckRequest xmlns:p="urn:check"><p:inn>1234567890</p:inn></p:CheckRequest>'
_RESPONSE = '<CheckResponse xmlns="urn:check"><verdict>ok</verdict></CheckResponse>'
_SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
_ENVELOPE = '<e:Envelope xmlns:e="{}"><e:Body>{}</e:Body></e:Envelope>'
_WRONG_XSD = {
    "an unknown type": ('type="t:Inn"', 'type="t:No"', 8),
    "a pattern that is none": ("[0-9]{10}", "[0-9", 5),
    "an include": (
        "  <xs:simpleType",
        '  <xs:include schemaLocation="a.xsd"/>\n  <xs:simpleType',
        4,
    ),
    "an import of an address": (
        "  <xs:simpleType",
        '  <xs:import namespace="urn:b" schemaLocation="http://127.0.0.1:9/"/>\n  <xs:simpleType',
        4,
    ),
}
_WRONG_WSDL = {
    "no element": ('element="t:CheckRequest"', 'element="t:Nothing"'),
    "no message": ('message="t:In"', 'message="t:Inn"'),
    "no port type": ('type="t:Checking"', 'type="t:Nothing"'),
    "no binding": ('binding="t:Soap"', 'binding="t:Nothing"'),
    "an import": (
        "<wsdl:types>",
        '<wsdl:import namespace="urn:x" location="/etc/passwd"/><wsdl:types>',
    ),
    "an unknown type": ('type="t:Inn"', 'type="t:No"'),
    "no operation in the port type": (
        '<wsdl:operation name="Check"><soap',
        '<wsdl:operation name="X"><soap',
    ),
}


@pytest.mark.parametrize(("old", "new", "line"), _WRONG_XSD.values(), ids=_WRONG_XSD)
def test_what_is_wrong_in_a_schema_is_told_with_its_line(old: str, new: str, line: int) -> None:
    contract = xsd.read(_changed(_XSD, old, new), "a.xsd")
    assert contract.problems()[0].where == f"a.xsd:{line}"
    with pytest.raises(UnreadableError):
        contract.messages()


@pytest.mark.parametrize(("old", "new"), _WRONG_WSDL.values(), ids=_WRONG_WSDL)
def test_what_zeep_would_leave_out_is_told(old: str, new: str) -> None:
    contract = wsdl.read(_changed(_WSDL, old, new), "a.wsdl")
    assert contract.problems()
    with pytest.raises(UnreadableError):
        contract.operations()


def test_documents_are_judged() -> None:
    contract = xsd.read(_XSD, "a.xsd")
    assert contract.problems() == ()
    assert [one.name for one in contract.messages()] == [_NAME, "{urn:check}CheckResponse"]
    for where in (_NAME, "CheckRequest"):
        assert contract.judge(where, _GOOD).accepted
        assert contract.judge(where, _PREFIXED).accepted
        for bad in (_BAD, _RESPONSE, _GOOD.replace("urn:check", "urn:other"), "<a", "no XML"):
            assert not contract.judge(where, bad).accepted
    with pytest.raises(UnknownMessageError):
        contract.judge("Nothing", _GOOD)


def test_a_wsdl_tells_its_operations() -> None:
    contract = wsdl.read(_WSDL, "a.wsdl")
    assert contract.problems() == ()
    (check,) = contract.operations()
    assert (check.name, check.soap, check.style, check.action) == (
        "Check",
        "1.1",
        "document",
        "urn:check#Check",
    )
    assert (check.request, check.address) == (_NAME, "http://127.0.0.1:9/check")
    assert [one.name for one in contract.messages()] == ["Check request", "Check response"]
    for good in (_GOOD, _PREFIXED):
        assert contract.judge("Check request", good).accepted
        assert contract.judge("Check request", _ENVELOPE.format(_SOAP11, good)).accepted
    assert not contract.judge("Check request", _ENVELOPE.format(_SOAP11, _BAD)).accepted
    assert not contract.judge("Check request", _ENVELOPE.format(_SOAP11, "")).accepted


def test_schemas_of_one_file_may_need_each_other() -> None:
    common = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:common">'
        '<xs:simpleType name="Text"><xs:restriction base="xs:string"><xs:minLength value="2"/>'
        "</xs:restriction></xs:simpleType></xs:schema>"
    )
    text = _WSDL.replace("<wsdl:types>", f"<wsdl:types>{common}", 1)
    text = text.replace(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t',
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:common" xmlns:t',
        1,
    )
    text = text.replace(
        '  <xs:simpleType name="Inn">',
        '<xs:import namespace="urn:common"/><xs:simpleType name="Inn">',
        1,
    )
    text = text.replace('name="note" type="xs:string"', 'name="note" type="c:Text"', 1)
    contract = wsdl.read(text, "a.wsdl")
    assert contract.problems() == ()
    noted = _GOOD.replace("</inn>", "</inn><note>{}</note>")
    assert contract.judge("Check request", noted.format("ab")).accepted
    assert not contract.judge("Check request", noted.format("a")).accepted


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        ('name="note" type="xs:string" minOccurs="0"', 'name="note" type="xs:string"', 1),
        ("[0-9]{10}", "[0-9]{10,12}", 0),
        ("urn:check", "urn:check2", 1),
        (
            '<xs:element name="verdict" type="xs:string"/>',
            '<xs:element name="code" type="xs:int"/>',
            0,
        ),
    ],
)
def test_documents_show_what_breaks(old: str, new: str, breaks: int) -> None:
    before, after = wsdl.read(_WSDL, "v1"), wsdl.read(_WSDL.replace(old, new), "v2")
    assert after.problems() == ()
    found = wsdl.breaking(
        before, after, requests={"Check": [_GOOD]}, responses={"Check": [_RESPONSE]}
    )
    assert len(found.breaks) == breaks
    for one in found.breaks:
        assert one.witness == _GOOD


def test_a_response_breaks_the_other_way() -> None:
    before = xsd.read(_XSD, "v1")
    after = xsd.read(
        _changed(
            _XSD,
            '"verdict" type="xs:string"/>',
            '"verdict" type="xs:string"/><xs:element name="more" type="xs:string" minOccurs="0"/>',
        ),
        "v2",
    )
    more = _RESPONSE.replace("</verdict>", "</verdict><more>x</more>")
    found = xsd.breaking(before, after, "CheckResponse", responses=[_RESPONSE, more])
    assert [one.witness for one in found.breaks] == [more]


def _changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)
