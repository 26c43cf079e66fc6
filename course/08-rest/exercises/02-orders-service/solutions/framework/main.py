"""Orders over REST, on FastAPI: the framework reads the bodies, one lock guards the store."""

import hashlib
import os
import threading
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

JSON = "application/json"
Short = Annotated[str, Field(min_length=1, max_length=40)]
Comment = Annotated[str | None, Field(max_length=200)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Line(Strict):
    sku: Short
    quantity: Annotated[int, Field(ge=1, le=99)]


class NewOrder(Strict):
    customer_id: Short
    lines: Annotated[list[Line], Field(min_length=1, max_length=50)]
    comment: Comment = None


class Change(Strict):
    comment: Comment


@dataclass
class Stored:
    order: dict[str, Any]
    version: int = 1

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


@dataclass
class Answered:
    digest: str
    order_id: str


app = FastAPI()
lock = threading.Lock()
# In the order in which they were placed.
store: dict[str, Stored] = {}
keys: dict[str, Answered] = {}


def problem(status: int, title: str, headers: dict[str, str] | None = None) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


@app.exception_handler(StarletteHTTPException)
def refused(_: Request, error: StarletteHTTPException) -> JSONResponse:
    headers = dict(error.headers or {})
    return problem(error.status_code, str(error.detail), headers)


@app.exception_handler(RequestValidationError)
def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    if first["type"] == "json_invalid" or first["loc"][0] in {"query", "header"}:
        return problem(400, f"{first['loc']}: {first['msg']}")
    return problem(422, f"{first['loc']}: {first['msg']}")


def json_only(request: Request) -> None:
    media_type = request.headers.get("Content-Type", "").split(";")[0].strip()
    if media_type != JSON:
        raise HTTPException(415, f"The body has to be {JSON}.")


@app.middleware("http")
async def media_types(request: Request, call_next: Any) -> Response:
    if request.method in {"POST", "PATCH"} and request.url.path.startswith("/orders"):
        try:
            json_only(request)
        except HTTPException as error:
            return problem(error.status_code, error.detail)
    answer: Response = await call_next(request)
    return answer


def shown(stored: Stored, status: int) -> JSONResponse:
    headers = {"ETag": stored.etag}
    if status == 201:
        headers["Location"] = f"/orders/{stored.order['order_id']}"
    return JSONResponse(stored.order, status, headers)


def found(order_id: str) -> Stored:
    if order_id not in store:
        raise HTTPException(404, f"There is no order {order_id}.")
    return store[order_id]


@app.post("/orders")
def place_order(
    new: NewOrder, idempotency_key: Annotated[str, Header(min_length=1, max_length=100)]
) -> JSONResponse:
    digest = hashlib.sha256(new.model_dump_json().encode()).hexdigest()
    with lock:
        answered = keys.get(idempotency_key)
        if answered is None:
            order_id = uuid.uuid4().hex
            store[order_id] = Stored({"order_id": order_id, **new.model_dump()})
            keys[idempotency_key] = answered = Answered(digest, order_id)
        if answered.digest != digest:
            raise HTTPException(422, "This key belongs to another body.")
        return shown(store[answered.order_id], 201)


@app.get("/orders/{order_id}")
def get_order(order_id: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    stored = found(order_id)
    if if_none_match == stored.etag:
        return Response(status_code=304, headers={"ETag": stored.etag})
    return shown(stored, 200)


@app.patch("/orders/{order_id}")
def change_order(
    order_id: str, change: Change, if_match: Annotated[str | None, Header()] = None
) -> JSONResponse:
    with lock:
        stored = found(order_id)
        if if_match is None:
            raise HTTPException(428, "If-Match is missing.")
        if if_match != stored.etag:
            raise HTTPException(412, "The order has changed since you read it.")
        changed = Stored({**stored.order, "comment": change.comment}, stored.version + 1)
        store[order_id] = changed
        return shown(changed, 200)


@app.get("/orders")
def list_orders(
    customer_id: str,
    limit: Annotated[str, Field(pattern="^[0-9]{1,3}$")] = "20",
    cursor: str | None = None,
) -> dict[str, Any]:
    size = int(limit)
    if not 1 <= size <= 100:
        raise HTTPException(400, "limit is from 1 to 100.")
    with lock:
        own = [one.order for one in store.values() if one.order["customer_id"] == customer_id]
    after = 0
    if cursor is not None:
        ids = [one["order_id"] for one in own]
        if cursor not in ids:
            raise HTTPException(400, "This is no cursor of this list.")
        after = ids.index(cursor) + 1
    page = own[after : after + size]
    has_more = len(own) > after + size
    return {"orders": page, "next_cursor": page[-1]["order_id"] if has_more else None}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
