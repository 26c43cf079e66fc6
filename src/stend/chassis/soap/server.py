"""A SOAP service as an ASGI application. The only file here with I/O."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from lxml import etree
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stend.chassis.soap.contract import Contract, SoapOperation
from stend.chassis.soap.envelope import (
    Envelope,
    SoapVersion,
    read_envelope,
    version_of,
    write_answer,
)
from stend.chassis.soap.faults import Side, answer_of
from stend.chassis.soap.security import SECURITY
from stend.chassis.soap.tracing import context_in
from stend.chassis.soap.xml import malformed, parse
from stend.chassis.tracing.recording import current, entered, fail
from stend.chassis.tracing.rpc import begin_carried
from stend.kit.errors import EdgeErrorCode, StendError, internal, too_large

_log = logging.getLogger("stend.soap")
_UNDERSTOOD = frozenset({SECURITY})
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")
_VERSIONS = {version.media_type: version for version in SoapVersion}
_XML = "text/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class SoapCall:
    """
    Attributes:
        payload: the request's element, not checked yet: first the service asks who sends it.
        security: the header `wsse:Security`.
        authorization: the header Authorization of HTTP.
    """

    contract: Contract
    operation: SoapOperation
    payload: etree._Element
    security: etree._Element | None
    authorization: str | None

    def message(self) -> etree._Element:
        """The payload, valid against the contract.

        Raises:
            StendError: INVALID_ARGUMENT.
        """
        self.contract.check(self.payload)
        return self.payload


class Perform(Protocol):
    async def __call__(self, call: SoapCall) -> str:
        """One operation; the result is the markup of the answer's element.

        Raises:
            StendError: becomes a fault.
        """
        ...


@dataclass(frozen=True, slots=True)
class _ContentType:
    media_type: str
    charset: str | None
    action: str | None


class SoapApp:
    """
    Args:
        path: where it stands, such as `/soap/orders`.
        sides: of every error of the service.
    """

    def __init__(
        self,
        path: str,
        contract: Contract,
        sides: Mapping[StrEnum, Side],
        body_limit_bytes: int,
        perform: Perform,
    ) -> None:
        self._path = path
        self._contract = contract
        self._sides = sides
        self._body_limit_bytes = body_limit_bytes
        self._perform = perform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"SOAP travels over HTTP here, not over {scope['type']}")
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.scope["path"] != self._path:
            return _plain(404, f"Nothing stands at this path. The service is at {self._path}?wsdl")
        if request.method in {"GET", "HEAD"} and request.scope["query_string"]:
            return self._document(request)
        if request.method != "POST":
            response = _plain(405, f"Send a POST, or read the contract at {self._path}?wsdl")
            response.headers["Allow"] = "POST"
            return response
        content_type = _content_type(request.headers.get("content-type", ""))
        version = _VERSIONS.get(content_type.media_type)
        if version is None:
            # WS-I Basic Profile 1.1, R1115; SOAP 1.2 Part 2, section 7.5.2.2.
            known = " or ".join(one.media_type for one in SoapVersion)
            return _plain(415, f"Content-Type has to be {known}.")
        return await self._exchange(request, version, content_type)

    def _document(self, request: Request) -> Response:
        if not _HOST.fullmatch(request.headers.get("host", "")):
            return _plain(400, "The header Host names no host.")
        address = f"{_scheme_of(request)}://{request.headers['host']}{self._path}"
        names = {name.lower(): value for name, value in request.query_params.items()}
        if "wsdl" in names:
            return Response(self._contract.wsdl(address), media_type=_XML)
        document = self._contract.document(names.get("xsd", ""))
        if document is None:
            return _plain(404, f"There is no such document. Begin with {address}?wsdl")
        return Response(document, media_type=_XML)

    async def _exchange(
        self, request: Request, version: SoapVersion, content_type: _ContentType
    ) -> Response:
        try:
            raw = await self._body(request)
            root = parse(raw, content_type.charset)
            _check_media_type(version_of(root), version)
            envelope = read_envelope(root, _UNDERSTOOD)
            operation = self._operation(envelope.payload)
            _check_action(envelope.version, operation, request, content_type)
            carried = context_in(envelope.headers)
            span = begin_carried("soap", self._contract.namespace, operation.name, carried)
            with entered(span):
                result = await self._perform(self._call(request, envelope, operation))
            body = write_answer(version, result)
        except StendError as error:
            return self._fault(version, error)
        except ClientDisconnect:
            # Nobody is left to read it.
            return _plain(400, "The message did not come whole.")
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a fault
            _log.exception("a message to %s failed", self._path)
            return self._fault(version, internal())
        return Response(body, media_type=f"{version.media_type}; charset=utf-8")

    def _call(self, request: Request, envelope: Envelope, operation: SoapOperation) -> SoapCall:
        return SoapCall(
            self._contract,
            operation,
            envelope.payload,
            envelope.header(SECURITY),
            request.headers.get("authorization"),
        )

    def _operation(self, payload: etree._Element) -> SoapOperation:
        operation = self._contract.operations.get(payload.tag)
        if operation is None:
            known = ", ".join(one.name for one in self._contract.operations.values())
            raise StendError(
                EdgeErrorCode.NO_SUCH_OPERATION,
                "The element in the body is no operation of this service.",
                value=payload.tag,
                expected=f"{known}, of the namespace {self._contract.namespace}",
                next_step=f"The contract at {self._path}?wsdl lists the operations.",
            )
        return operation

    async def _body(self, request: Request) -> bytes:
        limit = self._body_limit_bytes
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise too_large(int(announced), limit)
        # A chunked body announces no length, so the bytes are counted as they come.
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise too_large(None, limit)
            parts.append(part)
        return b"".join(parts)

    def _fault(self, version: SoapVersion, error: StendError) -> Response:
        fail(current(), error)
        answer = answer_of(version, error, self._sides[error.code], self._contract.namespace)
        return Response(
            answer.body, answer.status, media_type=f"{version.media_type}; charset=utf-8"
        )


def _scheme_of(request: Request) -> str:
    # A gateway that ends TLS says so; otherwise clients would go on in plain to a port of TLS. Who
    # says it of himself leads nobody else astray: the document is for him alone.
    forwarded = request.headers.get("x-forwarded-proto", "")
    scheme: str = request.scope["scheme"]
    return forwarded if forwarded in {"http", "https"} else scheme


# Clients send one value for years; a dozen of them fit.
@lru_cache(maxsize=64)
def _content_type(header: str) -> _ContentType:
    message = Message()
    message["Content-Type"] = header
    return _ContentType(
        message.get_content_type(),
        _parameter(message, "charset"),
        _parameter(message, "action"),
    )


def _check_media_type(envelope: SoapVersion, media_type: SoapVersion) -> None:
    if envelope is not media_type:
        raise StendError(
            EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "The envelope is of another version than the Content-Type.",
            value=f"SOAP {envelope.value[0]} as {media_type.media_type}",
            expected=envelope.media_type,
            next_step="Send the media type of the envelope's version.",
        )


def _check_action(
    version: SoapVersion, operation: SoapOperation, request: Request, content_type: _ContentType
) -> None:
    if version is SoapVersion.SOAP_11:
        # The header is not optional (SOAP 1.1, section 6.1.1), its quotes are for most.
        said = request.headers.get("soapaction")
        if said is None:
            raise malformed("The header SOAPAction is missing.", None, f'"{operation.action}"')
        action: str | None = said.strip().strip('"')
    else:
        # Here it is optional (SOAP 1.2 Part 2, section 6.5).
        action = content_type.action
    if action not in {None, operation.action}:
        # A gateway that decides by the action and a service that acts by the body must not see
        # two different operations.
        raise StendError(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The action does not belong to the element in the body.",
            value=action or "an empty action",
            expected=operation.action,
            next_step="Send the soapAction of the operation's binding.",
        )


def _parameter(message: Message, name: str) -> str | None:
    value = message.get_param(name)
    return value if isinstance(value, str) else None


def _plain(status: int, text: str) -> Response:
    return Response(text + "\n", status, media_type="text/plain; charset=utf-8")
