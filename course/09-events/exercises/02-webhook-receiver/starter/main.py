"""Receives webhooks of the shop: so far it believes everybody, and applies whatever comes."""

import os
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

app = FastAPI()
orders: dict[str, dict[str, Any]] = {}


@app.post("/webhooks")
async def receive(request: Request) -> Response:
    event = await request.json()
    data = event["data"]
    order = orders.setdefault(
        data["order_id"],
        {"order_id": data["order_id"], "version": 0, "status": None, "points": 0},
    )
    match event["type"]:
        case "order.status":
            order.update(version=data["version"], status=data["status"])
        case "points.earned":
            order["points"] += data["points"]
    return Response(status_code=204)


@app.get("/orders/{order_id}")
async def get_order(order_id: str) -> dict[str, Any]:
    if order_id not in orders:
        raise HTTPException(404)
    return orders[order_id]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
