"""Sends one event: `python producer.py EVENT_ID ORDER_ID DAY AMOUNT_MINOR`."""

import json
import sys

from topics import ORDERS, create_topics, make_producer, send


def main() -> None:
    event_id, order_id, day, amount_minor = sys.argv[1:]
    event = {
        "event_id": event_id,
        "order_id": order_id,
        "day": day,
        "amount_minor": int(amount_minor),
    }
    create_topics()
    # The key decides the partition, and within one partition the order is kept.
    send(make_producer(), ORDERS, order_id.encode(), json.dumps(event).encode())
    print(f"sent {event_id}")


if __name__ == "__main__":
    main()
