"""Frames to requests and notifications to frames. Pure."""

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.notifications.api.messages import follow_of, notification_to_json
from stend.shop.notifications.domain import Notification
from stend.shop.notifications.usecases import Follow, Operation

SUBPROTOCOL = "lavka.notifications.v1"


def follow_from(kind: str, params: JsonObject) -> Follow:
    """
    Raises:
        StendError: NO_SUCH_OPERATION, INVALID_ARGUMENT.
    """
    if kind != Operation.FOLLOW_NOTIFICATIONS:
        raise StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "A frame of this type means nothing here.",
            value=kind,
            expected=f"{Operation.FOLLOW_NOTIFICATIONS}, cancel or ping",
            next_step="The AsyncAPI document lists the frames.",
        )
    return follow_of(params)


def event_of(notification: Notification, follow: Follow) -> JsonObject:
    return notification_to_json(notification, follow.target.position(notification))
