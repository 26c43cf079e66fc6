"""Places an order over REST and follows it to the door; exit code 0 when it got there.

Run by `helm test`, with what the image has. Argument: the base URL of orders.
"""

import os
import sys
import time
import uuid

import httpx

DOOR = "delivered"
ENDED_OTHERWISE = {"cancelled", "failed"}
WITHIN_S = 90
# The first request of a process waits until the framework of REST is imported.
ANSWER_WITHIN_S = 30
ORDER = {
    "customer_id": "cus_0042",
    "lines": [{"sku": "MILK-001", "quantity": 2}],
    "address": {"city": "Москва", "street": "Лесная улица", "house": "7"},
}


def main() -> int:
    with httpx.Client(
        base_url=sys.argv[1], headers=authorization(), timeout=ANSWER_WITHIN_S
    ) as http:
        placed = http.post(
            "/api/v1/orders", json=ORDER, headers={"Idempotency-Key": f"helm-test-{uuid.uuid4()}"}
        )
        if placed.status_code != httpx.codes.CREATED:
            print(f"not placed: {placed.status_code} {placed.text}")
            return 1
        order_id = placed.json()["order_id"]
        print(f"{order_id} is placed")
        return follow(http, order_id)


def follow(http: httpx.Client, order_id: str) -> int:
    until = time.monotonic() + WITHIN_S
    seen = ""
    while seen != DOOR and seen not in ENDED_OTHERWISE and time.monotonic() < until:
        time.sleep(0.5)
        status = http.get(f"/api/v1/orders/{order_id}").raise_for_status().json()["status"]
        if status != seen:
            print(f"{order_id} is {status}", flush=True)
        seen = status
    return 0 if seen == DOOR else 1


def authorization() -> dict[str, str]:
    """The way in where calls without a token are refused: the key of a partner, from a Secret."""
    keys = os.environ.get("PARTNER_KEYS", "")
    if not keys:
        return {}
    name, _, secret = keys.split(",")[0].partition(":")
    return {"Authorization": f"ApiKey {name}.{secret}"}


if __name__ == "__main__":
    sys.exit(main())
