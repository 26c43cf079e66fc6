"""What the broker answers who breaks a rule: reply codes of AMQP 0-9-1 (section 1.2)."""

from enum import IntEnum

from stend.wire.amqp.values import TypedInteger


class ReplyCode(IntEnum):
    """The names are the specification's; RabbitMQ puts them before each reply text."""

    NO_ROUTE = 312
    CONNECTION_FORCED = 320
    ACCESS_REFUSED = 403
    NOT_FOUND = 404
    RESOURCE_LOCKED = 405
    PRECONDITION_FAILED = 406
    FRAME_ERROR = 501
    SYNTAX_ERROR = 502
    COMMAND_INVALID = 503
    CHANNEL_ERROR = 504
    UNEXPECTED_FRAME = 505
    RESOURCE_ERROR = 506
    NOT_ALLOWED = 530
    NOT_IMPLEMENTED = 540
    INTERNAL_ERROR = 541

    @property
    def ends_connection(self) -> bool:
        """A hard error (section 1.2): the others end their channel only."""
        return self is ReplyCode.CONNECTION_FORCED or self >= ReplyCode.FRAME_ERROR


class AmqpError(Exception):
    """A rule of the protocol that the client broke."""

    def __init__(self, code: ReplyCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @property
    def reply_text(self) -> str:
        return f"{self.code.name} - {self.text}"


def not_found(what: str, name: str, vhost: str) -> AmqpError:
    return AmqpError(ReplyCode.NOT_FOUND, f"no {what} '{name}' in vhost '{vhost}'")


def locked(queue: str, vhost: str) -> AmqpError:
    return AmqpError(
        ReplyCode.RESOURCE_LOCKED,
        f"cannot obtain exclusive access to locked queue '{queue}' in vhost '{vhost}'. It could "
        "be originally declared on another connection or the exclusive property value does not "
        "match that of the original declaration.",
    )


def precondition_failed(text: str) -> AmqpError:
    return AmqpError(ReplyCode.PRECONDITION_FAILED, text)


def not_implemented(text: str) -> AmqpError:
    return AmqpError(ReplyCode.NOT_IMPLEMENTED, text)


def type_name(value: object) -> str:
    """The name of a field type in RabbitMQ's texts."""
    if isinstance(value, TypedInteger):
        return value.type_name
    names: dict[type, str] = {
        bool: "bool",
        int: "signedint",
        float: "float",
        str: "longstr",
        bytes: "binary",
        list: "array",
        dict: "table",
        type(None): "void",
    }
    return names.get(type(value), "decimal")
