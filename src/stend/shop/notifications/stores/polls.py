"""What the senders of webhooks and of news ask by the clock, as their stores say it."""

from stend.kit.polls import Polls

POLLS = Polls(
    readings=("SELECT min(greatest(notifications.deliveries.due_at,",),
    takings=(
        "WITH under_way AS ( SELECT webhook_id,",
        "SELECT notifications.inbox.event_id, notifications.inbox.place,",
    ),
)
