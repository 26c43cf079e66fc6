"""Orders over REST: so far they can be placed and read."""

import os
import uuid
from typing import Any

import uvicorn
from fastapi import FastAPI

app = FastAPI()
orders: dict[str, dict[str, Any]] = {}


@app.post("/orders")
def place_order(new: dict[str, Any]) -> dict[str, Any]:
    order_id = uuid.uuid4().hex
    orders[order_id] = {"order_id": order_id, "comment": None, **new}
    return orders[order_id]


@app.get("/orders/{order_id}")
def get_order(order_id: str) -> dict[str, Any]:
    return orders.get(order_id, {})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
