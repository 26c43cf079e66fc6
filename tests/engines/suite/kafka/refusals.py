"""How a client tells that the broker has refused something: the code of the protocol."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
from aiokafka.errors import KafkaError as AioError
from aiokafka.errors import ProducerFenced
from confluent_kafka import KafkaException
from kafka.errors import KafkaError as PyError

ERRORS = (KafkaException, AioError, PyError)
_TIMEOUT_S = 20
# Of librdkafka's own, KIP-360's PRODUCER_FENCED and the older INVALID_PRODUCER_EPOCH.
_FENCED = {-144, 90, 47}


def code_of(error: BaseException) -> int:
    """Of the protocol; librdkafka's own are negative."""
    if isinstance(error, KafkaException):
        return int(error.args[0].code())
    return int(getattr(error, "errno", -1))


@contextmanager
def refused(kind: Any, *texts: str) -> Iterator[None]:
    """
    Args:
        kind: the error by kafka-python's class of it (`kafka.errors`), whoever the client is.
        texts: are in what the broker says about it.
    """
    with pytest.raises(ERRORS) as caught:
        yield
    assert code_of(caught.value) == kind.errno, repr(caught.value)
    for text in texts:
        assert text in str(caught.value)


@contextmanager
def fenced() -> Iterator[None]:
    """Another producer with the same transactional id has come, or the time is over."""
    with pytest.raises(ERRORS) as caught:
        yield
    # aiokafka knows it without a code.
    is_it = isinstance(caught.value, ProducerFenced) or code_of(caught.value) in _FENCED
    assert is_it, repr(caught.value)


def done(told: dict[Any, Future[Any]]) -> Any:
    """The one answer of a call of confluent-kafka's admin client."""
    (future,) = told.values()
    return future.result(_TIMEOUT_S)
