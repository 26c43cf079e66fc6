"""Takes money for orders, once for every key; who repeats meanwhile waits for the first."""

import hashlib
import hmac
import json
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import till
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

KEYS = json.loads(Path(__file__).with_name("keys.json").read_text())
NAMES = re.compile(r"[A-Za-z0-9_-]{8,64}")

app = FastAPI()


@dataclass
class Outcome:
    lock: threading.Lock = field(default_factory=threading.Lock)
    body: Any = None
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


outcomes: dict[tuple[str, str], Outcome] = {}


@app.post("/charges")
async def charge(request: Request) -> JSONResponse:
    client = known(request.headers.get("X-Api-Key", ""))
    key = request.headers.get("Idempotency-Key", "")
    if not NAMES.fullmatch(key):
        raise HTTPException(400, "Idempotency-Key: 8 to 64 letters, digits, - or _")
    body = read(await request.body())
    # One step: two that come at the same time get the same outcome.
    outcome = outcomes.setdefault((client, key), Outcome())
    return await run_in_threadpool(perform, outcome, client, body)


def perform(outcome: Outcome, client: str, body: Any) -> JSONResponse:
    with outcome.lock:
        is_done = outcome.status != 0
        if is_done and outcome.body != body:
            raise HTTPException(422, "This key belongs to another body.")
        if not is_done:
            try:
                charge_id = till.take(client, body["order_id"], body["amount_minor"])
            except till.Declined:
                outcome.status, outcome.answer = 402, {"code": "declined"}
            except till.Away:
                # Nothing has been done, so there is nothing to remember.
                raise HTTPException(503, "The till is away.") from None
            else:
                outcome.status, outcome.answer = 201, {"charge_id": charge_id, **body}
            outcome.body = body
    replayed = {"Idempotency-Replayed": str(is_done).lower()}
    return JSONResponse(outcome.answer, outcome.status, replayed)


def known(key: str) -> str:
    digest = hashlib.sha256(key.encode()).hexdigest()
    for row in KEYS:
        if hmac.compare_digest(row["sha256"], digest) and row["is_active"]:
            if "charges:write" not in row["scopes"]:
                raise HTTPException(403, "This key may not take money.")
            return str(row["client"])
    raise HTTPException(401, "Unknown key.", {"WWW-Authenticate": "ApiKey"})


def read(raw: bytes) -> Any:
    try:
        body = json.loads(raw)
    except ValueError:
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(body, dict) or set(body) != {"order_id", "amount_minor"}:
        raise HTTPException(422, "order_id and amount_minor, and nothing else.")
    if not isinstance(body["order_id"], str) or not 1 <= len(body["order_id"]) <= 40:
        raise HTTPException(422, "order_id: 1 to 40 characters.")
    amount = body["amount_minor"]
    if type(amount) is not int or not 1 <= amount <= 1_000_000:
        raise HTTPException(422, "amount_minor: 1 to 1000000.")
    return body


@app.get("/books")
def books() -> JSONResponse:
    return JSONResponse({"asked": till.asked, "taken": till.taken})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
