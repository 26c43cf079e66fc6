"""Content on its way in: Basic.Publish, the header, the bodies (section 4.2.6). Pure."""

import re
from typing import NoReturn

from stend.engines.amqp.arguments import MAX_MS
from stend.engines.amqp.channel import Channel, Publish
from stend.engines.amqp.errors import (
    AmqpError,
    ReplyCode,
    not_implemented,
    precondition_failed,
    type_name,
)
from stend.engines.amqp.message import Message
from stend.engines.amqp.state import DIRECT_REPLY_TO, Broker
from stend.engines.amqp.users import Right
from stend.wire.amqp.content import (
    BASIC,
    ContentHeader,
    decode_content_header,
    encode_content_header,
    encode_text,
    header_items,
    headers_of,
    text_property,
    with_headers,
)
from stend.wire.amqp.values import Value, read_short_string, syntax_error

_MANDATORY, _IMMEDIATE = 1, 2
# Class, method and ticket stand before the exchange.
_EXCHANGE_AT = 6
_LEADING_NUMBER = re.compile(r"([+-]?[0-9]{1,30})?(.*)", re.DOTALL)
_COPY, _BLIND_COPY = "CC", "BCC"


class Incoming:
    """One message that is being received."""

    __slots__ = ("_content", "_parts", "bits", "exchange", "received_bytes", "routing_key")

    def __init__(self, payload: bytes) -> None:
        """
        Args:
            payload: of the frame of Basic.Publish.

        Raises:
            AmqpSyntaxError: its arguments are cut off.
        """
        self.exchange, at = read_short_string(payload, _EXCHANGE_AT)
        self.routing_key, at = read_short_string(payload, at)
        if at >= len(payload):
            raise syntax_error("Basic.Publish has no bits")
        self.bits = payload[at]
        self.received_bytes = 0
        self._content: ContentHeader | None = None
        self._parts: list[bytes] = []

    @property
    def is_complete(self) -> bool:
        return self._content is not None and self.received_bytes == self._content.body_size

    def take_header(self, payload: bytes, limit_bytes: int) -> None:
        """
        Raises:
            AmqpSyntaxError: it cannot be read.
            AmqpError: it is the second one, or promises more than the broker takes.
        """
        if self._content is not None:
            self.refuse()
        class_id, weight = int.from_bytes(payload[:2]), payload[2:4]
        if class_id != BASIC and len(payload) > 1:
            raise AmqpError(
                ReplyCode.UNEXPECTED_FRAME,
                f"expected content header for class 60, got one for class {class_id} instead",
            )
        if weight not in (b"", b"\x00", b"\x00\x00"):
            self.refuse()
        content = decode_content_header(payload)
        if content.body_size > limit_bytes:
            raise precondition_failed(
                f"message size {content.body_size} is larger than configured max size {limit_bytes}"
            )
        self._content = content

    def take_body(self, payload: bytes) -> None:
        """
        Raises:
            AmqpError: no header came before it, or there is more than the header promised.
        """
        if self._content is None:
            self.refuse()
        self.received_bytes += len(payload)
        if self.received_bytes > self._content.body_size:
            text = f"content of {self._content.body_size} bytes has more in its body frames"
            raise AmqpError(ReplyCode.FRAME_ERROR, text)
        self._parts.append(payload)

    def refuse(self) -> NoReturn:
        """A frame of the wrong type has no place here."""
        expected, of_class = ("header", " for class 60") if self._content is None else ("body", "")
        raise AmqpError(
            ReplyCode.UNEXPECTED_FRAME,
            f"expected content {expected}{of_class}, got non content {expected} frame instead",
        )

    def publish(self, channel: Channel) -> None:
        """Hands the finished message to the channel.

        Raises:
            AmqpError: it may not be published, or not there.
        """
        if self._content is None:
            raise RuntimeError("publish() comes after the header")
        if self.bits & _IMMEDIATE:
            raise not_implemented("immediate=true")
        self._demand_right(channel)
        content = _with_reply_address(self._content, channel)
        _demand_own_name(content, channel)
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        message = new_message(channel.broker, self.exchange, self.routing_key, content, body)
        is_reply = not self.exchange and self.routing_key.startswith(f"{DIRECT_REPLY_TO}.")
        publish = Publish(
            message,
            () if is_reply else channel.vhost.route(message),
            self.routing_key if is_reply else None,
            bool(self.bits & _MANDATORY),
            channel.confirms.add() if channel.confirms else 0,
        )
        channel.publish(publish)

    def _demand_right(self, channel: Channel) -> None:
        if self.exchange in channel.writable:
            exchange = channel.vhost.exchanges.get(self.exchange)
            if exchange is not None and not exchange.internal:
                return
        vhost = channel.vhost
        channel.line.user.demand(Right.WRITE, "exchange", self.exchange, vhost.name)
        if vhost.exchange(self.exchange).internal:
            text = f"cannot publish to internal exchange '{self.exchange}' in vhost '{vhost.name}'"
            raise AmqpError(ReplyCode.ACCESS_REFUSED, text)
        channel.writable.add(self.exchange)


def new_message(
    broker: Broker, exchange: str, routing_key: str, content: ContentHeader, body: bytes
) -> Message:
    """
    Raises:
        AmqpError: a wrong expiration, CC or BCC.
    """
    more_keys, content = _more_keys(content)
    number = broker.new_message_id()
    ttl_ms = _ttl_ms(content)
    return Message(number, exchange, routing_key, content, body, ttl_ms, more_keys)


def _with_reply_address(content: ContentHeader, channel: Channel) -> ContentHeader:
    reply_to = content.properties.get("reply_to")
    if reply_to is None or reply_to[1:] != DIRECT_REPLY_TO.encode():
        return content
    address = encode_text(channel.reply_token)
    return _changed(content, {**content.properties, "reply_to": address})


def _demand_own_name(content: ContentHeader, channel: Channel) -> None:
    if "user_id" not in content.properties:
        return
    told, name = text_property(content.properties, "user_id"), channel.line.user.name
    if told != name:
        raise precondition_failed(
            f"user_id property set to '{told}' but authenticated user was '{name}'"
        )


def _ttl_ms(content: ContentHeader) -> int | None:
    if "expiration" not in content.properties:
        return None
    told = text_property(content.properties, "expiration") or ""
    # Not int(), which would take underscores, spaces and other alphabets' digits too.
    number, rest = _LEADING_NUMBER.fullmatch(told).groups()  # type: ignore[union-attr]
    if not number:
        wrong = "no_integer"
    elif rest:
        wrong = f'{{leftover_string,"{rest}"}}'
    elif int(number) < 0:
        wrong = f"{{value_negative,{int(number)}}}"
    elif int(number) > MAX_MS:
        wrong = f"{{value_too_large,{int(number)}}}"
    else:
        return int(number)
    raise precondition_failed(f"invalid expiration '{told}': {wrong}")


def _more_keys(content: ContentHeader) -> tuple[tuple[str, ...], ContentHeader]:
    """Sender-selected distribution: further keys from CC and BCC; BCC is not passed on."""
    if "headers" not in content.properties:
        return (), content
    headers = headers_of(content.properties)
    keys = (*_keys_in(headers, _COPY), *_keys_in(headers, _BLIND_COPY))
    if _BLIND_COPY in headers:
        items = [item for item in header_items(content.properties) if item[0] != _BLIND_COPY]
        content = _changed(content, with_headers(content.properties, items))
    return keys, content


def _keys_in(headers: dict[str, Value], name: str) -> tuple[str, ...]:
    if name not in headers:
        return ()
    keys = headers[name]
    if not isinstance(keys, list):
        wrong = f'{{unacceptable_type_in_header,"{name}",{type_name(keys)}}}'
        raise precondition_failed(f"invalid message: {wrong}")
    # What is no string in the array names no queue (as in RabbitMQ).
    return tuple(key for key in keys if isinstance(key, str))


def _changed(content: ContentHeader, properties: dict[str, bytes]) -> ContentHeader:
    payload = encode_content_header(content.body_size, properties)
    return ContentHeader(content.body_size, properties, payload)
