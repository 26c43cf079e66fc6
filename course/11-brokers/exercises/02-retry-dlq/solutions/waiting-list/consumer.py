"""Who waits for a retry is written down by order; whoever comes after waits behind."""

from typing import Any

PAUSES_S = (1, 2, 4)
BEHIND_S = 1


def handle(message: dict[str, Any], broker: Any, db: Any, carrier: Any) -> None:
    try:
        order_id, step = message["body"]["order_id"], message["body"]["step"]
    except (TypeError, KeyError) as error:
        dead(message, broker, f"the body has no order_id or no step: {error!r}")
        return
    message_id = message["id"]
    done_key, waiting_key, steps_key = (
        f"done:{message_id}",
        f"waiting:{order_id}",
        f"steps:{order_id}",
    )
    if db.get(done_key):
        broker.ack()
        return
    waiting = db.get(waiting_key, [])
    if waiting and waiting[0] != message_id:
        if message_id not in waiting:
            db.write({waiting_key: [*waiting, message_id]})
        broker.publish("orders", message, delay_s=BEHIND_S)
        broker.ack()
        return
    others = [one for one in waiting if one != message_id]
    try:
        carrier.book(message["body"])
    except TimeoutError as error:
        attempt = message["headers"].get("attempt", 0)
        if attempt < len(PAUSES_S):
            db.write({waiting_key: [message_id, *others]})
            headers = {**message["headers"], "attempt": attempt + 1}
            broker.publish("orders", {**message, "headers": headers}, delay_s=PAUSES_S[attempt])
            broker.ack()
            return
        dead(
            message,
            broker,
            f"{error} ({attempt + 1} attempts)",
            db,
            {done_key: True, waiting_key: others},
        )
    except ValueError as error:
        dead(message, broker, str(error), db, {done_key: True, waiting_key: others})
    else:
        steps = db.get(steps_key, [])
        db.write({steps_key: [*steps, step], done_key: True, waiting_key: others})
        broker.ack()


def dead(
    message: dict[str, Any],
    broker: Any,
    reason: str,
    db: Any = None,
    values: dict[str, Any] | None = None,
) -> None:
    broker.publish("orders.dlq", {**message, "headers": {**message["headers"], "reason": reason}})
    if values:
        db.write(values)
    broker.ack()
