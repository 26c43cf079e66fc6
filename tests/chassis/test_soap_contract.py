"""A WSDL read as a server reads it: operations, validation, places of broken rules, documents."""

import pytest
from lxml import etree

from stend.chassis.soap.contract import Contract
from stend.chassis.soap.members import Shape
from stend.kit.errors import EdgeErrorCode, StendError, Violation

NS = "urn:lavka:orders:v1"
PACKAGE = "stend.shop.orders.api.soap"
ADDRESS = "http://shop.example:8100/soap/orders"
ORDER_ID = "ord_01M8EPWEKBB7XAWA4BKGEQX0VF"
SHAPE = Shape(NS, items={"lines": "line"}, integers=frozenset({"n"}), booleans=frozenset({"b"}))


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(PACKAGE, "orders.wsdl", "orders.xsd")


def message(inside: str, name: str = "PlaceOrder", prefix: str = "") -> etree._Element:
    """With the default namespace, or each name with a prefix."""
    text = f'<{name} xmlns="{NS}">{inside}</{name}>'
    if prefix:
        text = f'<{name} xmlns:p="{NS}">{inside}</{name}>'.replace("</", "</p:")
        text = text.replace("<", "<p:").replace("<p:/p:", "</p:")
    return etree.fromstring(text)


def violations(contract: Contract, element: etree._Element) -> tuple[Violation, ...]:
    with pytest.raises(StendError) as caught:
        contract.check(element)
    assert caught.value.code is EdgeErrorCode.INVALID_ARGUMENT
    return caught.value.violations


def test_the_operations_are_found_by_the_element_of_their_request(contract: Contract) -> None:
    operation = contract.operations[f"{{{NS}}}GetOrder"]
    assert (operation.name, operation.answer, operation.action) == (
        "GetOrder",
        f"{{{NS}}}GetOrderResponse",
        f"{NS}:GetOrder",
    )
    assert contract.namespace == NS


LINES = "<lines><line><sku>MILK-001</sku><quantity>1</quantity></line>{}</lines>"
ADDRESS_XML = "<address><city>М</city><street>Л</street><house>7</house></address>"
KEY = "<idempotency_key>12345678</idempotency_key>"
CUSTOMER = "<customer_id>cus_1</customer_id>"


@pytest.mark.parametrize("prefix", ["", "p"])
@pytest.mark.parametrize(
    ("inside", "places"),
    [
        pytest.param(
            CUSTOMER
            + LINES.format("<line><sku>x</sku><quantity>y</quantity></line>")
            + ADDRESS_XML.replace("М", "")
            + KEY,
            ["/lines/1/sku", "/lines/1/quantity", "/address/city"],
            id="values",
        ),
        pytest.param(CUSTOMER + LINES.format("") + ADDRESS_XML, ["/idempotency_key"], id="last"),
        pytest.param(LINES.format("") + ADDRESS_XML + KEY, ["/lines"], id="first-is-missing"),
        pytest.param(
            CUSTOMER + LINES.format("<line><sku>MILK-001</sku></line>") + ADDRESS_XML + KEY,
            ["/lines/1/quantity"],
            id="inner",
        ),
        pytest.param(
            CUSTOMER + LINES.format("") + ADDRESS_XML + KEY + "<more>x</more>", ["/more"], id="more"
        ),
    ],
)
def test_broken_rules_are_told_with_their_places(
    contract: Contract, inside: str, places: list[str], prefix: str
) -> None:
    found = violations(contract, message(inside, prefix=prefix))
    assert [one.where for one in found] == places
    assert all(one.rule and NS not in one.rule.split("(")[0] for one in found)


def test_an_only_child_with_the_name_of_a_lists_item_is_no_item(contract: Contract) -> None:
    order = "<order><order_id>x</order_id></order>"
    one = violations(contract, message(order, "GetOrderResponse"))
    several = message(f"<orders>{order * 2}</orders>", "ListOrdersResponse")
    assert one[0].where == "/order/order_id"
    assert [found.where for found in violations(contract, several)][:3] == [
        "/orders/0/order_id",
        "/orders/0/customer_id",
        "/orders/1/order_id",
    ]


def test_a_value_that_breaks_two_rules_is_told_once(contract: Contract) -> None:
    inside = f"<order_id>{ORDER_ID}</order_id><wait_s>x</wait_s>"
    found = violations(contract, message(inside, "GetOrderEvents"))
    assert [one.where for one in found] == ["/wait_s"]


def test_a_huge_value_is_not_repeated(contract: Contract) -> None:
    found = violations(contract, message(f"<order_id>{'x' * 50_000}</order_id>", "GetOrder"))
    assert len(found[0].rule) <= 300


@pytest.mark.parametrize(
    "attributes",
    [
        'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"',
        'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="Money"',
        f'a="{"x" * 60_000}"',
    ],
)
def test_an_attribute_changes_nothing_and_is_refused(contract: Contract, attributes: str) -> None:
    text = f'<GetOrder xmlns="{NS}"><order_id {attributes}>{ORDER_ID}</order_id></GetOrder>'
    assert violations(contract, etree.fromstring(text))[0].where == "/order_id"


def test_a_schema_location_of_the_message_is_not_followed(contract: Contract) -> None:
    text = (
        f'<GetOrder xmlns="{NS}" xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'
        f' x:schemaLocation="{NS} file:///nowhere.xsd"><order_id>{ORDER_ID}</order_id></GetOrder>'
    )
    contract.check(etree.fromstring(text))


def test_the_wsdl_names_the_address_that_the_client_has_used(contract: Contract) -> None:
    text = contract.wsdl(ADDRESS)
    root = etree.fromstring(text)
    locations = [element.get("location") for element in root.iter("{*}address")]
    assert locations == [ADDRESS, ADDRESS]
    imported = root.find(".//{http://www.w3.org/2001/XMLSchema}import")
    assert imported is not None
    assert imported.get("schemaLocation") == f"{ADDRESS}?xsd=orders.xsd"
    assert contract.document("orders.xsd")
    assert contract.document("../server.py") is None
    assert contract.document("") is None


# ---- members -----------------------------------------------------------------------------------


def test_an_object_comes_back_from_its_markup() -> None:
    members = {
        "text": "a<b>&]]>\"'ж",
        "n": -5,
        "b": True,
        "inner": {"text": " two  spaces ", "b": False},
        "lines": [{"n": 1}, {"n": 2}],
    }
    root = etree.fromstring(SHAPE.markup("Root", members))  # type: ignore[arg-type]
    assert root.tag == f"{{{NS}}}Root"
    assert [etree.QName(child).localname for child in root] == list(members)
    assert SHAPE.members(root) == members


def test_an_empty_list_and_an_empty_text_come_back() -> None:
    root = etree.fromstring(SHAPE.markup("Root", {"lines": [], "text": ""}))
    assert SHAPE.members(root) == {"lines": [], "text": ""}


def test_null_has_no_form() -> None:
    with pytest.raises(ValueError, match="n is null"):
        SHAPE.markup("Root", {"n": None})


@pytest.mark.parametrize("letter", ["\x00", "\x0b", "\uffff", "\ud800"])
def test_a_character_that_xml_has_not_is_refused_and_not_replaced(letter: str) -> None:
    with pytest.raises(StendError) as caught:
        SHAPE.markup("Root", {"text": f"a{letter}"})
    assert caught.value.code is EdgeErrorCode.INTERNAL
