"""What HTTP and SOAP say about the way a message comes, before anybody looks at what it asks."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from lxml import etree

from stend.chassis.soap.envelope import SoapVersion
from tests.chassis.test_soap_xml import BILLION_LAUGHS
from tests.shop.payments.bank import NS, TOKEN, envelope, headers_for, http, post, request, told

CALL = request("GetBalances")
every_version = pytest.mark.parametrize("version", SoapVersion, ids=lambda one: one.value[0])
SIDES = {SoapVersion.SOAP_11: (500, "soap:Client"), SoapVersion.SOAP_12: (400, "soap:Sender")}


def say(
    url: str, raw: bytes, version: SoapVersion, operation: str = "GetBalances"
) -> tuple[int, str, str]:
    response = post(url, raw, headers_for(operation, version))
    assert response.headers["content-type"] == f"{version.media_type}; charset=utf-8"
    return told(response)


@every_version
def test_a_good_message_is_answered_in_its_own_version(bank_url: str, version: SoapVersion) -> None:
    response = post(bank_url, envelope(CALL, version=version), headers_for("GetBalances", version))
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{version.media_type}; charset=utf-8"
    assert etree.fromstring(response.content).tag == version.name_of("Envelope")


# ---- methods, media types, addresses -----------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_refused_with_what_is_allowed(bank_url: str, method: str) -> None:
    response = http().request(method, bank_url)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "", "nonsense", "a/b/c"])
def test_other_media_types_are_refused(bank_url: str, media_type: str) -> None:
    response = post(bank_url, envelope(CALL), {"Content-Type": media_type})
    assert response.status_code == 415
    assert "text/xml" in response.text


@every_version
def test_an_envelope_of_the_other_version_than_its_media_type_is_refused(
    bank_url: str, version: SoapVersion
) -> None:
    (other,) = set(SoapVersion) - {version}
    got = say(bank_url, envelope(CALL, version=other), version)
    assert got == (*SIDES[version], "unsupported-media-type")


@every_version
def test_a_rare_encoding_is_refused(bank_url: str, version: SoapVersion) -> None:
    headers = {"Content-Type": f"{version.media_type}; charset=koi8-r", "SOAPAction": '""'}
    got = told(post(bank_url, envelope(CALL, version=version), headers))
    assert got == (*SIDES[version], "unsupported-media-type")


def test_an_unknown_path_and_an_unknown_document_are_not_found(bank_url: str) -> None:
    assert http().get(f"{bank_url}/more?wsdl").status_code == 404
    assert http().get(f"{bank_url}?xsd=../server.py").status_code == 404
    assert http().get(f"{bank_url}?nothing").status_code == 404


def test_the_wsdl_has_the_address_of_the_hosts_header(bank_url: str) -> None:
    text = http().get(f"{bank_url}?WSDL", headers={"Host": "bank.example:81"}).text
    assert text.count('location="http://bank.example:81/soap/bank"') == 2
    assert 'schemaLocation="http://bank.example:81/soap/bank?xsd=bank.xsd"' in text


@pytest.mark.parametrize(
    ("forwarded", "scheme"), [("https", "https"), ("http", "http"), ('x"y', "http"), ("", "http")]
)
def test_the_wsdl_behind_a_gateway_has_the_scheme_that_it_was_asked_with(
    bank_url: str, forwarded: str, scheme: str
) -> None:
    headers = {"Host": "bank.example:81", "X-Forwarded-Proto": forwarded}
    text = http().get(f"{bank_url}?wsdl", headers=headers).text
    assert text.count(f'location="{scheme}://bank.example:81/soap/bank"') == 2


@pytest.mark.parametrize("host", ['a"b', "a/b", "a b", "<a>", "a@b", ""])
def test_a_host_that_is_none_is_not_written_into_the_wsdl(bank_url: str, host: str) -> None:
    parts = urlsplit(bank_url)
    connection = HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?wsdl", headers={"Host": host})
    assert connection.getresponse().status == 400
    connection.close()


# ---- versions, headers, actions ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "code"),
    [(SoapVersion.SOAP_11, "soap:VersionMismatch"), (SoapVersion.SOAP_12, "soap:VersionMismatch")],
)
def test_an_unknown_version_is_a_mismatch(bank_url: str, version: SoapVersion, code: str) -> None:
    raw = envelope(CALL, version=version).replace(version.namespace.encode(), b"urn:soap-1.3")
    assert say(bank_url, raw, version) == (500, code, "malformed-message")


@every_version
def test_a_mandatory_header_that_nobody_knows_is_refused(
    bank_url: str, version: SoapVersion
) -> None:
    strange = '<t:Transaction xmlns:t="urn:t" s:mustUnderstand="1"/>'
    got = say(bank_url, envelope(CALL, TOKEN + strange, version), version)
    assert got == (500, "soap:MustUnderstand", "invalid-argument")
    optional = strange.replace(' s:mustUnderstand="1"', "")
    raw = envelope(CALL, TOKEN + optional, version)
    assert post(bank_url, raw, headers_for("GetBalances", version)).status_code == 200


@every_version
def test_security_may_be_mandatory(bank_url: str, version: SoapVersion) -> None:
    token = TOKEN.replace("<w:Security ", '<w:Security s:mustUnderstand="1" ')
    raw = envelope(CALL, token, version)
    assert post(bank_url, raw, headers_for("GetBalances", version)).status_code == 200


@every_version
def test_a_message_without_a_token_is_refused(bank_url: str, version: SoapVersion) -> None:
    status, fault, code = say(bank_url, envelope(CALL, "", version), version)
    assert (status, code) == (SIDES[version][0], "unauthenticated")
    assert fault in {"wsse:FailedAuthentication", "soap:Sender"}


@every_version
def test_who_sends_it_is_asked_before_what_he_sends_is_looked_at(
    bank_url: str, version: SoapVersion
) -> None:
    raw = envelope(request("Void", payment_ref="?"), "", version)
    assert say(bank_url, raw, version, "Void")[2] == "unauthenticated"


def test_soap_11_wants_its_action(bank_url: str) -> None:
    raw, good = envelope(CALL), f"{NS}:GetBalances"
    for action, code in (
        (None, "malformed-message"),
        ('""', "invalid-argument"),
        (f'"{NS}:Void"', "invalid-argument"),
    ):
        headers = {"Content-Type": "text/xml"} | ({"SOAPAction": action} if action else {})
        assert told(post(bank_url, raw, headers)) == (500, "soap:Client", code)
    for action in (f'"{good}"', good):
        headers = {"Content-Type": "text/xml", "SOAPAction": action}
        assert post(bank_url, raw, headers).status_code == 200


def test_soap_12_may_leave_its_action_out_but_not_lie(bank_url: str) -> None:
    raw = envelope(CALL, version=SoapVersion.SOAP_12)
    media_type = "application/soap+xml"
    assert post(bank_url, raw, {"Content-Type": media_type}).status_code == 200
    lying = {"Content-Type": f'{media_type}; action="{NS}:Void"'}
    assert told(post(bank_url, raw, lying)) == (400, "soap:Sender", "invalid-argument")


@every_version
@pytest.mark.parametrize(
    "body",
    [
        '<GetBalances xmlns="urn:lavka:bank:v2"/>',
        "<GetBalances/>",
        f'<getBalances xmlns="{NS}"/>',
        f'<GetBalancesResponse xmlns="{NS}"/>',
        f'<error xmlns="{NS}"/>',
    ],
)
def test_an_element_that_is_no_operation_is_refused(
    bank_url: str, version: SoapVersion, body: str
) -> None:
    got = say(bank_url, envelope(body, version=version), version)
    assert got == (*SIDES[version], "no-such-operation")


# ---- attacks -----------------------------------------------------------------------------------


def _attacks() -> dict[str, bytes]:
    inside = envelope(request("GetPayment", payment_ref="&x;")).decode()
    deep = envelope("<a>" * 200 + "</a>" * 200)
    return {
        "billion-laughs": BILLION_LAUGHS.encode(),
        "external-entity": f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>{inside}'.encode(),
        "external-dtd": f'<!DOCTYPE s SYSTEM "http://127.0.0.1:9/x.dtd">{inside}'.encode(),
        "parameter-entity": (
            f'<!DOCTYPE s [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>{inside}'.encode()
        ),
        "unknown-entity": inside.encode(),
        "instruction": b"<?x y?>" + envelope(CALL),
        "deep": deep,
        "not-xml": b"{}",
        "empty": b"",
        "half": envelope(CALL)[:-9],
    }


@every_version
@pytest.mark.parametrize("name", sorted(_attacks()))
def test_attacks_are_refused_as_malformed(bank_url: str, version: SoapVersion, name: str) -> None:
    response = post(bank_url, _attacks()[name], headers_for("GetPayment", version))
    assert told(response) == (*SIDES[version], "malformed-message")
    assert "root:" not in response.text


@every_version
def test_a_huge_attribute_and_a_huge_text_are_refused(bank_url: str, version: SoapVersion) -> None:
    huge = "x" * 60_000
    attribute = f'<GetPayment xmlns="{NS}" a="{huge}"><payment_ref>r</payment_ref></GetPayment>'
    for body in (attribute, request("GetPayment", payment_ref=huge)):
        raw = envelope(body, version=version)
        response = post(bank_url, raw, headers_for("GetPayment", version))
        assert told(response) == (*SIDES[version], "invalid-argument")
        assert len(response.content) < 4000


@every_version
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_message_over_the_limit_is_refused(
    bank_url: str, version: SoapVersion, is_chunked: bool
) -> None:
    raw = envelope(CALL + f"<!-- {'x' * 66_000} -->", version=version)
    content = iter([raw[:40_000], raw[40_000:]]) if is_chunked else raw
    response = http().post(bank_url, content=content, headers=headers_for("GetBalances", version))
    assert told(response) == (*SIDES[version], "message-too-large")


@every_version
def test_a_schema_location_is_not_followed(bank_url: str, version: SoapVersion) -> None:
    body = (
        f'<GetBalances xmlns="{NS}" xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'
        f' x:schemaLocation="{NS} http://127.0.0.1:9/bank.xsd"/>'
    )
    raw = envelope(body, version=version)
    assert post(bank_url, raw, headers_for("GetBalances", version)).status_code == 200
