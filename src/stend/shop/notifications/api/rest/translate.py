"""Notifications as frames of an event stream, and links. Pure."""

from stend.shop.notifications.api.messages import dump, notification_to_json
from stend.shop.notifications.domain import Notification, Webhook

JSON_MEDIA_TYPE = "application/json"
WEBHOOKS = "/api/v1/webhooks"
NOTIFICATIONS = "/api/v1/notifications"


def location(webhook: Webhook) -> str:
    return f"{WEBHOOKS}/{webhook.webhook_id}"


def event_data(notification: Notification, position: int) -> bytes:
    return dump(notification_to_json(notification, position))
