"""What the relays, the sagas and the reconciliation ask by the clock, as their stores say it."""

from stend.kit.polls import Polls

POLLS = Polls(
    readings=(
        # How far a relay is behind, who leads, when the next saga is due, which ones are open.
        "SELECT count(*), min(occurred_at) FROM orders.outbox ",
        "SELECT pg_try_advisory_lock(",
        "SELECT min(orders.sagas.due_at) ",
        "SELECT orders.sagas.step, count(*) ",
    ),
    takings=(
        "SELECT outbox_id, order_id, version, type, occurred_at, payload::text,",
        "UPDATE orders.sagas SET due_at=",
        "UPDATE orders.reconciliations SET state=",
    ),
)
