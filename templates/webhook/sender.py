"""Sends one event as a signed webhook: `python sender.py URL TYPE ORDER_ID`."""

import json
import os
import random
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from uuid import uuid4

import httpx
from standardwebhooks import Webhook

# Between attempts. A sender in production goes on for days, and keeps its events in a table.
RETRY_AFTER_S = (1, 5, 30)
TIMEOUT_S = 10
GONE = 410
TOO_MANY = 429


class Outcome(Enum):
    DELIVERED = "delivered"
    # 410: the receiver wants no more; take its address off the list.
    GONE = "gone"
    # Another 4xx: the same body will not get better, a person has to look.
    REFUSED = "refused"
    # No attempt has reached a receiver that works.
    GIVEN_UP = "given up"


def make_event(kind: str, order_id: str, happened_at: datetime) -> bytes:
    """The body. Made once: what is signed are exactly these bytes, and not their meaning."""
    data = {"order_id": order_id}
    event = {"type": kind, "timestamp": happened_at.isoformat(), "data": data}
    return json.dumps(event).encode()


def send(
    http: httpx.Client,
    url: str,
    secret: str,
    webhook_id: str,
    body: bytes,
    retry_after_s: Iterable[float] = RETRY_AFTER_S,
) -> Outcome:
    """Repeats with the same id, so that the receiver can tell a repeat from a new event."""
    key = Webhook(secret)
    for pause_s in (*retry_after_s, None):
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            # Of this attempt, or a late one would be too old for the receiver.
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": key.sign(webhook_id, now, body.decode()),
        }
        try:
            # No redirects: the address was agreed on, and another one was not.
            answer = http.post(url, content=body, headers=headers, follow_redirects=False)
        except httpx.TransportError as error:
            print(f"{webhook_id}: {error!r}", file=sys.stderr)
        else:
            if answer.is_success:
                return Outcome.DELIVERED
            if answer.status_code == GONE:
                return Outcome.GONE
            print(f"{webhook_id}: {answer.status_code} {answer.text}", file=sys.stderr)
            if answer.is_client_error and answer.status_code != TOO_MANY:
                return Outcome.REFUSED
        if pause_s is not None:
            # Not all senders at once, when a receiver comes back.
            time.sleep(pause_s * random.uniform(0.5, 1.5))
    return Outcome.GIVEN_UP


def main() -> None:
    url, kind, order_id = sys.argv[1:]
    body = make_event(kind, order_id, datetime.now(UTC))
    with httpx.Client(timeout=TIMEOUT_S) as http:
        outcome = send(http, url, os.environ["WEBHOOK_SECRET"], f"msg_{uuid4().hex}", body)
    print(outcome.value)
    sys.exit(outcome is not Outcome.DELIVERED)


if __name__ == "__main__":
    main()
