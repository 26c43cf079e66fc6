"""Places the order that comes on standard input, and prints its id and the id of its trace."""

import json
import os
import secrets
import sys
import time

import httpx

TRIES = 5
TIMEOUT_S = 2.0

order = json.load(sys.stdin)
trace = secrets.token_hex(16)
# Both are made before the first try: a repetition has to be the same request.
headers = {
    "Idempotency-Key": secrets.token_hex(16),
    "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01",
}
with httpx.Client(base_url=os.environ["STEND_URL"], timeout=TIMEOUT_S) as shop:
    for attempt in range(TRIES):
        time.sleep(0.1 * attempt)
        try:
            answer = shop.post("/api/v1/orders", json=order, headers=headers)
        except httpx.TransportError:
            continue
        if answer.status_code < 500:
            break
    else:
        sys.exit(f"The shop does not answer: {TRIES} tries.")
if answer.status_code != 201:
    sys.exit(f"The shop refuses: {answer.json()['code']}")
print(json.dumps({"order_id": answer.json()["order_id"], "trace_id": trace}))
