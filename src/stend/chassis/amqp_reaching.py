"""A broker of AMQP that is away is one error, whichever way its client says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aio_pika.exceptions import CONNECTION_EXCEPTIONS, DeliveryError, PublishError

from stend.kit.errors import StendError, deadline_exceeded, unavailable

LOST = (*CONNECTION_EXCEPTIONS, TimeoutError)
_BROKER = "RabbitMQ"


@asynccontextmanager
async def publishing(deadline_s: float) -> AsyncIterator[None]:
    """
    Raises:
        StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
    """
    with reaching_amqp:
        try:
            async with asyncio.timeout(deadline_s):
                yield
        except TimeoutError:
            raise deadline_exceeded(deadline_s) from None


class _ReachingAmqp:
    """Turns every way in which the broker can be away into UNAVAILABLE."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, StendError) or error is None:
            return
        if isinstance(error, PublishError):
            key = getattr(error.frame, "routing_key", "")
            raise unavailable(f"The queue {key}", "no queue takes the message") from error
        if isinstance(error, DeliveryError):
            raise unavailable(_BROKER, "it did not take the message") from error
        if isinstance(error, LOST) or is_cancelled_by_the_client(error):
            raise unavailable(_BROKER, str(error) or type(error).__name__) from error


reaching_amqp = _ReachingAmqp()


def is_cancelled_by_the_client(error: BaseException) -> bool:
    """Whether it is how aiormq tells that the connection is gone."""
    # aiormq cancels what waits on a connection that is lost; nobody has cancelled the task itself.
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and not task.cancelling()
