"""Who may talk to whom: the network policies of a release against what the code says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stend.runtime.addresses import addresses_of
from stend.runtime.hops import _GOES_TO
from stend.runtime.rows import SERVICES
from stend.runtime.settings import parse

_COMPONENT = "app.kubernetes.io/component"
_ENGINES = {"postgresql": 5432, "mysql": 3306, "mongodb": 27017, "redis": 6379, "amqp": 5672}
_KAFKA = 9092
_DNS = 53
_OTLP = 4318
_GRPC = {"orders": 8001, "delivery": 8002}
# The bank has users of its own, and the issuer its own file; everybody else fetches keys of tokens.
_CHECKS_TOKENS = frozenset(SERVICES) - {"payments", "identity"}
# Called by its port, where it has no path of HTTP.
_CALLED_AT = {"delivery": 8002}


def edges() -> set[tuple[str, str, int]]:
    """From a service to another at a port, as the code has them."""
    from_code = {
        (caller, called, _CALLED_AT.get(called, 8000))
        for caller, all_called in _GOES_TO.items()
        for called in all_called
        if called in SERVICES
    }
    return from_code | {(caller, "identity", 8000) for caller in _CHECKS_TOKENS}


def engine_ports(service: str) -> set[int]:
    """The ports of the engines that it goes to."""
    brokers = addresses_of(parse({}, {}, {})).kafka_ports
    of_kafka = {_KAFKA} if service in brokers[0].behind_tap_of else set()
    return {_ENGINES[name] for name in _GOES_TO.get(service, ()) if name in _ENGINES} | of_kafka


def edge_problems(objects: Sequence[Any], pods: Mapping[str, Any]) -> Iterator[str]:
    policies = {
        one["spec"]["podSelector"]["matchLabels"][_COMPONENT]: one["spec"]
        for one in objects
        if one["kind"] == "NetworkPolicy"
    }
    if not policies or "stand" in policies:
        return
    missing = set(pods) - set(policies) - {"test"}
    if missing:
        yield f"no network policy is for {', '.join(sorted(missing))}"
    let_out = {edge for name, spec in policies.items() for edge in _out(name, spec)}
    let_in = {edge for name, spec in policies.items() for edge in _in(name, spec)}
    known = edges()
    if let_out != known:
        yield f"policies let out {let_out - known}, and keep in {known - let_out}"
    if let_in - {("test", "orders", 8000)} != known:
        yield f"policies let in {let_in - known}, and keep out {known - let_in}"
    for service in SERVICES:
        to_engines = _bare_ports(policies[service]) - {_DNS, _OTLP}
        if to_engines != engine_ports(service):
            yield f"{service} may reach {to_engines}, and goes to {engine_ports(service)}"


def _out(caller: str, spec: Any) -> Iterator[tuple[str, str, int]]:
    for rule in spec["egress"]:
        for peer in rule.get("to", ()):
            called = peer.get("podSelector", {}).get("matchLabels", {}).get(_COMPONENT)
            if called in SERVICES:
                yield from ((caller, called, port["port"]) for port in rule["ports"])


def _in(called: str, spec: Any) -> Iterator[tuple[str, str, int]]:
    for rule in spec["ingress"]:
        for peer in rule.get("from", ()):
            caller = peer.get("podSelector", {}).get("matchLabels", {}).get(_COMPONENT)
            if caller is not None:
                yield from ((caller, called, port["port"]) for port in rule["ports"])


def _bare_ports(spec: Any) -> set[int]:
    """Of rules that lead to no service: engines, DNS, the collector."""
    return {
        port["port"]
        for rule in spec["egress"]
        for port in rule.get("ports", ())
        if not any(
            peer.get("podSelector", {}).get("matchLabels", {}).get(_COMPONENT) in SERVICES
            for peer in rule.get("to", ())
        )
    }
