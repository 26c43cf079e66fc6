"""Every operation of every contract of HTTP is sent from Postman and from some `.http` file."""

import re

import pytest

from tests.clients.contracts import (
    HTTP,
    calls,
    names,
    paths,
    sent_by_http_files,
    sent_by_postman,
)

# Streams of the client, which a file cannot hold.
NOT_FROM_FILES = {
    "lavka.delivery.v1.Deliveries/ReportPositions",
    "lavka.delivery.v1.Deliveries/CourierSession",
}


@pytest.mark.parametrize("sender", ["ru", "en", "http"])
def test_every_path_is_sent(sender: str) -> None:
    sent = {(method, path) for method, path, _ in requests(sender)}
    missing = [
        f"{method} {path}"
        for method, path in paths()
        if not any(method == one and fits(path, found) for one, found in sent)
    ]
    assert missing == []


@pytest.mark.parametrize("sender", ["ru", "en", "http"])
def test_every_operation_that_a_body_names_is_sent(sender: str) -> None:
    bodies: dict[str, list[str]] = {}
    for _, path, body in requests(sender):
        bodies.setdefault(path, []).append(body)
    missing = [
        f"{path}: {name}"
        for path, name in names()
        if not any(re.search(rf"{re.escape(name)}(?!\w)", body) for body in bodies.get(path, ()))
    ]
    assert missing == []


def test_every_call_of_grpc_is_sent_from_a_file() -> None:
    sent = {path.lstrip("/") for method, path, _ in sent_by_http_files() if method == "GRPC"}
    assert set(calls()) - sent == NOT_FROM_FILES


def test_httpyac_alone_reads_what_rest_client_cannot() -> None:
    for file in HTTP.glob("*.http"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"^(\?\?|\{\{@|GRPC|WS|SSE) ", text, re.MULTILINE), file.name


def requests(sender: str) -> list[tuple[str, str, str]]:
    return list(sent_by_http_files() if sender == "http" else sent_by_postman(sender))


def fits(template: str, path: str) -> bool:
    """Whether a request goes to a path of a contract: a variable stands for one part."""
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
    # A reference of REST Client may have slashes in it.
    return re.fullmatch(pattern, re.sub(r"\{\{[^}]*\}\}", "x", path)) is not None
