"""Events over WebSocket, as asyncapi.yaml says it. `python service.py` serves until SIGTERM."""

import asyncio
import json
import os
import signal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.typing import Origin

from hub import Hub, Message, TooManyTopicsError

MAX_MESSAGE_BYTES = 64 * 1024
# Of messages that wait for one client. Who reads slower than others publish is let go.
MAX_WAITING = 100
# A peer that is gone without a word is found by its silence.
PING_EVERY_S = 20
CLOSE_TIMEOUT_S = 10


class Fault(StrEnum):
    """Every error that is answered by a message; the connection goes on."""

    BAD_MESSAGE = "bad-message"
    TOO_MANY_TOPICS = "too-many-topics"


class Request(BaseModel):
    # Strict: "1" is not 1, and an unknown field is a mistake of the client, not to be swallowed.
    model_config = ConfigDict(extra="forbid", strict=True)
    topic: str = Field(pattern=r"^[a-z0-9.-]{1,64}$")


class Subscribe(Request):
    type: Literal["subscribe"]
    stream: str | None = None
    after: int | None = Field(default=None, ge=0)


class Publish(Request):
    type: Literal["publish"]
    id: str = Field(min_length=1, max_length=64)
    data: dict[str, Any]


REQUEST: TypeAdapter[Subscribe | Publish] = TypeAdapter(
    Annotated[Subscribe | Publish, Field(discriminator="type")]
)


class Client:
    """One connection: what waits to be sent to it, and what it asks for."""

    def __init__(self, hub: Hub, socket: ServerConnection) -> None:
        self._hub = hub
        self._socket = socket
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(MAX_WAITING)
        self._closing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        sending = asyncio.create_task(self._send())
        try:
            async for frame in self._socket:
                if isinstance(frame, bytes):
                    await self._socket.close(CloseCode.UNSUPPORTED_DATA, "text frames only")
                    return
                self._answer(frame)
                # A client that asks faster than it reads must not keep all others waiting.
                await asyncio.sleep(0)
        finally:
            self._hub.forget(self.offer)
            sending.cancel()
            if self._closing:
                await self._closing

    def offer(self, message: Message) -> None:
        """Never waits: a slow client must not hold up the others."""
        if self._closing:
            return
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            closing = self._socket.close(CloseCode.TRY_AGAIN_LATER, "too slow")
            self._closing = asyncio.create_task(closing)

    async def _send(self) -> None:
        try:
            while True:
                await self._socket.send(json.dumps(await self._waiting.get()))
        except ConnectionClosed:
            pass

    def _answer(self, text: str) -> None:
        try:
            request = REQUEST.validate_json(text)
            topic = self._hub.topic(request.topic)
            if isinstance(request, Subscribe):
                self._subscribe(request)
                return
        except ValidationError as error:
            told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            self._fail(Fault.BAD_MESSAGE, "; ".join(told))
        except TooManyTopicsError as error:
            self._fail(Fault.TOO_MANY_TOPICS, str(error))
        else:
            seq = topic.publish(request.topic, request.id, request.data)
            answer = {"type": "published", "topic": request.topic, "id": request.id, "seq": seq}
            self.offer(answer)

    def _subscribe(self, request: Subscribe) -> None:
        topic = self._hub.topic(request.topic)
        events, complete = topic.after(topic.last if request.after is None else request.after)
        if request.after is not None and request.stream != self._hub.stream:
            # Numbers of another life of the service say nothing.
            events, complete = [], False
        told = {"type": "subscribed", "topic": request.topic, "stream": self._hub.stream}
        # No await from here to the last line, so no event can come between old and new ones.
        for message in ({**told, "complete": complete}, *events):
            self.offer(message)
        topic.listeners.add(self.offer)

    def _fail(self, fault: Fault, message: str) -> None:
        self.offer({"type": "error", "code": fault, "message": message})


async def run(host: str, port: int) -> None:
    hub = Hub()
    # Browsers name the page they are on; without this any page could connect from one.
    origins = [Origin(one) for one in os.environ.get("ORIGINS", "").split(",") if one]

    async def handle(socket: ServerConnection) -> None:
        await Client(hub, socket).run()

    async with serve(
        handle,
        host,
        port,
        origins=[None, *origins],
        max_size=MAX_MESSAGE_BYTES,
        ping_interval=PING_EVERY_S,
        ping_timeout=PING_EVERY_S,
        close_timeout=CLOSE_TIMEOUT_S,
    ) as server:
        (listening,) = server.sockets
        print(f"listening on ws://{host}:{listening.getsockname()[1]}", flush=True)
        stop = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        await stop.wait()
    # Leaving the block has closed every connection with 1001 and waited for it.


def main() -> None:
    asyncio.run(run(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8095"))))


if __name__ == "__main__":
    main()
