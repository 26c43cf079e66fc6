"""What must hold between the objects of one release, and within each pod."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helm_edges import edge_problems
from helm_quotas import quota_problems
from tools import CheckError

from stend.runtime.rows import ROWS
from stend.runtime.services import PLANS
from stend.runtime.settings import SettingsError, parse

WORKLOADS = frozenset({"Deployment", "StatefulSet", "Job"})
_LONGEST_NAME = 63
_UID = 10001
_READ_BY_BOTH = frozenset({"STEND_ROOT", "STEND_LANG"})
KNOWN = frozenset(row.variable for row in ROWS) | _READ_BY_BOTH
# What a Secret of somebody else holds where the variable takes it.
OF_SECRETS = {
    "STEND_POSTGRESQL_URL": "postgresql://lavka:lavka@postgresql:5432/lavka",
    "STEND_MYSQL_URL": "mysql://lavka:lavka@mysql:3306/lavka",
    "STEND_MONGODB_URL": "mongodb://lavka:lavka@a:27017,b:27017/lavka?replicaSet=rs&ssl=false",
    "STEND_REDIS_URL": "redis://redis:6379/0",
    "STEND_AMQP_URL": "amqp://lavka:lavka@rabbitmq.learners.svc:5672/",
    "STEND_KAFKA_URL": "kafka:9092",
    "STEND_KAFKA_SASL_USERNAME": "key",
    "STEND_KAFKA_SASL_PASSWORD": "secret",
    "STEND_ORDERS_CLIENT_SECRET": "a-long-random-text",
    "STEND_AUTH_CLIENT_SECRETS": "traffic:a-long-random-text",
    "STEND_AUTH_PARTNER_KEYS": "partner:a-long-random-text",
}
OF_FIELDS = {"status.podIP": "10.0.0.7", "metadata.name": "lavka-stend-orders-0"}


@dataclass(frozen=True, slots=True)
class Pod:
    """The pods that one object makes.

    Attributes:
        name: of the object.
    """

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Any

    @property
    def is_served(self) -> bool:
        """Runs until it is ended; the others do their work and end."""
        return self.kind in {"Deployment", "StatefulSet"}


def check(objects: Sequence[Any]) -> None:
    """
    Raises:
        CheckError: with all that does not hold.
    """
    pods = list(pods_of(objects))
    problems = [
        *_name_problems(objects),
        *(problem for pod in pods for problem in _pod_problems(pod, objects)),
        *_selector_problems(objects, pods),
        *_ingress_problems(objects),
        *quota_problems(objects, pods),
        *edge_problems(objects, {pod.labels["app.kubernetes.io/component"]: pod for pod in pods}),
    ]
    if problems:
        raise CheckError("\n".join(problems))


def pods_of(objects: Sequence[Any]) -> Iterator[Pod]:
    for one in objects:
        name = one["metadata"]["name"]
        if one["kind"] == "Pod":
            yield Pod("Pod", name, one["metadata"]["labels"], one["spec"])
        elif one["kind"] in WORKLOADS:
            template = one["spec"]["template"]
            yield Pod(one["kind"], name, template["metadata"]["labels"], template["spec"])


def environment_of(container: Any, objects: Sequence[Any]) -> dict[str, str]:
    """As the container finds it; from Secrets that are not in the release, something plausible."""
    secrets = {one["metadata"]["name"]: one for one in objects if one["kind"] == "Secret"}
    found = {}
    for one in container["env"]:
        source = one.get("valueFrom", {})
        if "value" in one:
            found[one["name"]] = one["value"]
        elif "fieldRef" in source:
            found[one["name"]] = OF_FIELDS[source["fieldRef"]["fieldPath"]]
        else:
            wanted = source["secretKeyRef"]
            secret = secrets.get(wanted["name"])
            if secret is None:
                found[one["name"]] = OF_SECRETS.get(one["name"], "")
            elif wanted["key"] in secret["stringData"]:
                found[one["name"]] = secret["stringData"][wanted["key"]]
            elif not wanted.get("optional"):
                raise CheckError(f"the Secret {wanted['name']} has no {wanted['key']}")
    # $(NAME) means a variable that was named before (API reference, EnvVar).
    return {
        name: re.sub(r"\$\((\w+)\)", lambda other: found[other[1]], value)
        for name, value in found.items()
    }


def _name_problems(objects: Sequence[Any]) -> Iterator[str]:
    seen = set()
    for one in objects:
        name, kind = one["metadata"]["name"], one["kind"]
        if len(name) > _LONGEST_NAME:
            yield f"{kind} {name}: a name has {_LONGEST_NAME} characters at most"
        if (kind, name) in seen:
            yield f"there are two of {kind} {name}"
        seen.add((kind, name))


def _pod_problems(pod: Pod, objects: Sequence[Any]) -> Iterator[str]:
    spec, at = pod.spec, f"{pod.kind} {pod.name}"
    wanted = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
    }
    for name, value in wanted.items():
        if spec.get(name) is not value:
            yield f"{at}: {name} is not {value}"
    security = spec["securityContext"]
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") != _UID:
        yield f"{at} does not run as {_UID}"
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield f"{at}: no seccomp profile"
    for container in [*spec.get("initContainers", ()), *spec["containers"]]:
        yield from _container_problems(pod, container)
        yield from _setting_problems(at, container, environment_of(container, objects))
    yield from _volume_problems(at, spec, objects)


def _container_problems(pod: Pod, container: Any) -> Iterator[str]:
    at = f"{pod.kind} {pod.name}"
    security = container["securityContext"]
    if security != {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }:
        yield f"{at}: securityContext is {security}"
    for what in ("requests", "limits"):
        if set(container["resources"].get(what, ())) != {"cpu", "memory"}:
            yield f"{at}: no {what} of cpu and memory"
    image = container["image"]
    if image.endswith(":latest") or ":" not in image.rpartition("/")[2]:
        yield f"{at}: {image} is no version"
    if {mount["name"] for mount in container["volumeMounts"]} != {
        volume["name"] for volume in [*pod.spec["volumes"]]
    } | ({"state"} if pod.kind == "StatefulSet" else set()):
        yield f"{at}: mounts and volumes differ"
    if pod.is_served:
        yield from _probe_problems(at, container)


def _probe_problems(at: str, container: Any) -> Iterator[str]:
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
    names = [*ports, *ports.values()]
    env = {one["name"]: one.get("value", "") for one in container["env"]}
    allowed = env["STEND_ALLOWED_HOSTS"].split(",")
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container.get(name)
        if probe is None:
            yield f"{at} has no {name}"
            continue
        if (probe.get("httpGet") or probe["grpc"])["port"] not in names:
            yield f"{at}, {name}: no such port"
        for header in probe.get("httpGet", {}).get("httpHeaders", ()):
            if header["name"] != "Host" or header["value"] not in allowed:
                yield f"{at}, {name}: {header} is refused by the pod"


def _setting_problems(at: str, container: Any, environment: Mapping[str, str]) -> Iterator[str]:
    """The stand itself reads what it is given."""
    ours = {name: value for name, value in environment.items() if name.startswith("STEND_")}
    for name in ours.keys() - KNOWN:
        yield f"{at}: there is no setting {name}"
    try:
        # `serve NAME` is told by the command line which service it is.
        command, *names = container.get("args", ("", ""))
        parse({"stand.only": names[0]} if command == "serve" else {}, ours, {})
    except SettingsError as error:
        yield f"{at}: {error}"


def _volume_problems(at: str, spec: Any, objects: Sequence[Any]) -> Iterator[str]:
    claims = _names(objects, "PersistentVolumeClaim")
    maps = _names(objects, "ConfigMap")
    for volume in spec["volumes"]:
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        config = volume.get("configMap", {}).get("name")
        if claim not in {None, *claims} or config not in {None, *maps}:
            yield f"{at}: the volume {volume['name']} is nowhere"
        if "emptyDir" in volume and not volume["emptyDir"].get("sizeLimit"):
            yield f"{at}: the volume {volume['name']} may grow for ever"


def _names(objects: Sequence[Any], kind: str) -> set[str]:
    return {one["metadata"]["name"] for one in objects if one["kind"] == kind}


def _selector_problems(objects: Sequence[Any], pods: Sequence[Pod]) -> Iterator[str]:
    for one in objects:
        kind, spec = one["kind"], one.get("spec", {})
        at = f"{kind} {one['metadata']['name']}"
        if kind in {"Deployment", "StatefulSet"}:
            labels = spec["template"]["metadata"]["labels"]
            if not spec["selector"]["matchLabels"].items() <= labels.items():
                yield f"{at} does not select its own pods"
        if kind == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            if target["name"] not in _names(objects, target["kind"]):
                yield f"{at} scales nothing"
        selector = _selector(kind, spec)
        chosen = [pod for pod in pods if selector and selector.items() <= pod.labels.items()]
        if selector and len(chosen) != 1:
            yield f"{at} selects {len(chosen)} workloads"
        elif kind == "Service":
            yield from _port_problems(at, spec, chosen[0])


def _selector(kind: str, spec: Any) -> Mapping[str, str] | None:
    """Of pods that another object makes."""
    found: Mapping[str, str] | None
    if kind == "Service":
        found = spec["selector"]
    elif kind == "PodDisruptionBudget":
        found = spec["selector"]["matchLabels"]
    elif kind == "NetworkPolicy":
        found = spec["podSelector"]["matchLabels"]
    else:
        found = None
    return found


def _port_problems(at: str, spec: Any, pod: Pod) -> Iterator[str]:
    (container,) = pod.spec["containers"]
    known = {port["name"] for port in container["ports"]}
    for port in spec["ports"]:
        if port["targetPort"] not in known:
            yield f"{at}: {port['targetPort']} is no port of its pods"


def _ingress_problems(objects: Sequence[Any]) -> Iterator[str]:
    services = {one["metadata"]["name"]: one for one in objects if one["kind"] == "Service"}
    for one in objects:
        if one["kind"] != "Ingress":
            continue
        (rule,) = one["spec"]["rules"]
        led: dict[str, str] = {}
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            ports = services[backend["name"]]["spec"]["ports"]
            known = {*(port["name"] for port in ports), *(port["port"] for port in ports)}
            if not known & set(backend["port"].values()):
                yield f"Ingress {one['metadata']['name']}: {backend} is nowhere"
            led[path["path"]] = backend["name"].rpartition("-")[2]
        if not one["metadata"]["name"].endswith("-grpc") and "/" not in led:
            wanted = {path: plan.name for plan in PLANS.values() for path in plan.paths}
            if led != wanted:
                yield f"Ingress leads {led}, and services are at {wanted}"
