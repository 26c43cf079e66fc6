"""WebSocket: notifications as they happen, as subscriptions over one connection."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib.resources import files

from stend.chassis.intake import Intake
from stend.chassis.websocket import FrameServer, SocketLimits, Stream
from stend.kit.json import JsonObject
from stend.shop.notifications.api.websocket import faults, translate
from stend.shop.notifications.domain import Notification
from stend.shop.notifications.usecases import Follow, NotificationsOf, Operation

_READ = "notifications:read"


def contract() -> str:
    """The text of asyncapi.yaml: this protocol, the webhooks and the queue."""
    folder = files("stend.shop.notifications.api.websocket")
    return folder.joinpath("contract/asyncapi.yaml").read_text("utf-8")


def create_app(
    notifications_of: NotificationsOf, intake: Intake, limits: SocketLimits
) -> FrameServer:
    def begin(kind: str, params: JsonObject, credential: str | None) -> Stream:
        follow = translate.follow_from(kind, params)
        caller = intake.open(Operation.FOLLOW_NOTIFICATIONS, _READ, credential)
        return Stream(_events(follow, notifications_of(caller).follow(follow)))

    return FrameServer(translate.SUBPROTOCOL, limits, begin, faults.fault_of)


async def _events(
    follow: Follow, followed: AsyncGenerator[Notification, None]
) -> AsyncGenerator[JsonObject, None]:
    async with aclosing(followed):
        async for notification in followed:
            yield translate.event_of(notification, follow)
