"""What elements of SOAP 1.1 and 1.2 and of WS-Security are for, and which operation they carry."""

from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from stend.kit.fields import Field, Meaning
from stend.wire.content.words import said
from stend.wire.content.xml import tag_name, tokens, xml_fields
from stend.wire.content.xml_words import ELEMENT

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
WSSE = f"{_OASIS}secext-1.0.xsd"
WSU = f"{_OASIS}utility-1.0.xsd"
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"

# An operation stands near the beginning; a header of more pieces is not looked through.
_LOOKED_AT = 400

_BOTH: dict[str, tuple[str, str, str, str]] = {
    # name: section of 1.1, section of 1.2, ru, en
    "Envelope": (
        "4.1",
        "5.1",
        "Конверт — корень сообщения; его пространство имён и есть версия SOAP.",
        "The envelope, root of the message; its namespace is the version of SOAP.",
    ),
    "Header": (
        "4.2",
        "5.2",
        "Заголовки: то, что нужно дороге, а не операции, — токены, трассировка, адресация.",
        "Headers: what the way needs and not the operation: tokens, traces, addresses.",
    ),
    "Body": (
        "4.3",
        "5.3",
        "Тело: один элемент, который и называет операцию, или Fault.",
        "The body: one element, which names the operation, or a Fault.",
    ),
    "Fault": (
        "4.4",
        "5.4",
        "Ошибка вместо ответа. HTTP при этом отвечает 500, а в 1.2 бывает и 400.",
        "An error in place of the answer. HTTP says 500 with it, in 1.2 perhaps 400.",
    ),
}
_FAULT_11: dict[str, Meaning] = {
    "faultcode": said(
        "SOAP 1.1 §4.4.1",
        "Чья вина: Client — исправить запрос, Server — можно повторить позже.",
        "Whose fault it is: Client means change the request, Server that a retry may help.",
    ),
    "faultstring": said(
        "SOAP 1.1 §4.4", "Описание ошибки для человека.", "The error, told to people."
    ),
    "faultactor": said(
        "SOAP 1.1 §4.4",
        "Какой узел на пути сообщения отказал.",
        "Which node on the message's way failed.",
    ),
    "detail": said(
        "SOAP 1.1 §4.4",
        "Подробности в элементах, описанных в WSDL; программа разбирает их.",
        "Details in elements that the WSDL describes; programs read these.",
    ),
}
_FAULT_12: dict[str, Meaning] = {
    "Code": said(
        "SOAP 1.2 §5.4.1",
        "Чья вина (Value), уточнённая приложением (Subcode).",
        "Whose fault it is (Value), made exact by the application (Subcode).",
    ),
    "Value": said(
        "SOAP 1.2 §5.4.1",
        "Код: Sender — исправить запрос, Receiver — можно повторить позже.",
        "The code: Sender means change the request, Receiver that a retry may help.",
    ),
    "Subcode": said(
        "SOAP 1.2 §5.4.1.2", "Код приложения внутри общего.", "The application's code inside it."
    ),
    "Reason": said(
        "SOAP 1.2 §5.4.2",
        "Описание на одном или нескольких языках.",
        "The error in some languages.",
    ),
    "Text": said(
        "SOAP 1.2 §5.4.2.1",
        "Описание на языке из xml:lang.",
        "The error in the language of xml:lang.",
    ),
    "Detail": said(
        "SOAP 1.2 §5.4.5",
        "Подробности в элементах, описанных в WSDL; программа разбирает их.",
        "Details in elements that the WSDL describes; programs read these.",
    ),
    "Role": said(
        "SOAP 1.2 §5.4.4",
        "В какой роли отказал узел.",
        "In which role the node failed.",
    ),
}
_SECURITY: dict[str, Meaning] = {
    "Security": said(
        "WS-Security 1.1 §5",
        "Всё о безопасности сообщения: токены, подписи, срок. Это внутри сообщения, TLS — снаружи.",
        "All about the message's security: tokens, signatures, lifetime. It is inside the message, "
        "TLS outside.",
    ),
    "BinarySecurityToken": said(
        "WS-Security 1.1 §6.3",
        "Токен строкой: сертификат X.509, билет Kerberos или JWT.",
        "A token as text: an X.509 certificate, a Kerberos ticket or a JWT.",
    ),
    "UsernameToken": said(
        "WS-Security UsernameToken §3.1",
        "Имя и пароль того, кто шлёт.",
        "Name and password of the sender.",
    ),
    "Username": said(
        "WS-Security UsernameToken §3.1", "Имя пользователя.", "The name of the user."
    ),
    "Password": said(
        "WS-Security UsernameToken §3.1",
        "Пароль или его дайджест с Nonce и Created.",
        "The password, or its digest with Nonce and Created.",
    ),
    "Nonce": said(
        "WS-Security UsernameToken §3.1",
        "Случайное число: перехваченный дайджест нельзя послать второй раз.",
        "A random number: a digest that was overheard cannot be sent again.",
    ),
    "SecurityTokenReference": said(
        "WS-Security 1.1 §7",
        "Ссылка на токен, которым подписано.",
        "A reference to the token that signed.",
    ),
}
_UTILITY: dict[str, Meaning] = {
    "Timestamp": said(
        "WS-Security 1.1 §10",
        "Когда создано сообщение и до каких пор ему верить.",
        "When the message was made and until when it is believed.",
    ),
    "Created": said("WS-Security 1.1 §10", "Когда создано.", "When it was made."),
    "Expires": said("WS-Security 1.1 §10", "После этого не принимать.", "Not to be taken later."),
}
_OF_SIGNATURE = said(
    "XML Signature §4",
    "Часть подписи XML: что подписано, каким способом и сама подпись.",
    "Part of an XML signature: what is signed, by which method, and the signature.",
)
_OPERATION = said(
    "WSDL 1.1 §3.5",
    "Сообщение операции или его часть: строение задают WSDL и XML Schema сервиса.",
    "A message of an operation, or a part of it: the service's WSDL and XML Schema define it.",
)


def _versions() -> dict[tuple[str, str], Meaning]:
    known: dict[tuple[str, str], Meaning] = {}
    for name, (old, new, ru, en) in _BOTH.items():
        known[SOAP_11, name] = said(f"SOAP 1.1 §{old}", ru, en)
        known[SOAP_12, name] = said(f"SOAP 1.2 §{new}", ru, en)
    known |= {("", name): meaning for name, meaning in _FAULT_11.items()}
    known |= {(SOAP_12, name): meaning for name, meaning in _FAULT_12.items()}
    known |= {(WSSE, name): meaning for name, meaning in _SECURITY.items()}
    known |= {(WSU, name): meaning for name, meaning in _UTILITY.items()}
    return known


_KNOWN = _versions()


def soap_element(space: str, local: str) -> Meaning:
    """What an element inside an envelope is for."""
    if space == _SIGNATURE:
        return _OF_SIGNATURE
    return _KNOWN.get((space, local), _OPERATION if space else ELEMENT)


def soap_fields(data: bytes, start: int, end: int) -> tuple[Field, ...]:
    """The tree of an envelope."""
    return xml_fields(data, start, end, soap_element)


class Envelope(NamedTuple):
    """What an envelope is about.

    Attributes:
        operation: local name of the element in the body; `` where there is none.
        fault: the fault's code; None where it is no fault.
        context: the trace context in its header.
    """

    operation: str
    fault: str | None
    context: str | None


def envelope(data: bytes) -> Envelope | None:
    """Looks into the beginning of a document; None where it is no envelope."""
    look = _Look()
    for token in islice(tokens(data, 0, len(data)), _LOOKED_AT):
        if token.kind == "text":
            look.text = data[token.start : token.end].decode("utf-8", "replace").strip()
        elif token.kind == "open":
            look.opens(tag_name(data, token).rpartition(":")[2])
            if data[token.end - 2 : token.end] == b"/>":
                look.path.pop()
        elif token.kind == "close" and look.path:
            look.closes()
        if look.is_done:
            break
    if look.operation == "Fault":
        return Envelope("Fault", look.fault or "Fault", look.context)
    return Envelope(look.operation, None, look.context) if look.operation else None


@dataclass(slots=True)
class _Look:
    """What was seen of an envelope so far."""

    path: list[str] = field(default_factory=list)
    operation: str = ""
    fault: str | None = None
    context: str | None = None
    text: str = ""
    is_done: bool = False

    def opens(self, name: str) -> None:
        if self.path == ["Envelope", "Body"]:
            self.operation = self.operation or name
        self.path.append(name)
        self.is_done = self.path[0] != "Envelope"
        self.text = ""

    def closes(self) -> None:
        name = self.path.pop()
        if name in ("faultcode", "Value") and self.operation == "Fault":
            # The subcode, which comes later, says more than Sender or Receiver.
            self.fault = self.text.rpartition(":")[2] or self.fault
        elif name == "traceparent":
            self.context = self.text
        self.is_done = name == "Body"
