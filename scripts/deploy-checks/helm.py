"""The Helm chart: linted and rendered by helm, held against schemas; its pods are run."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_objects
import helm_pods
import helm_schemas
import yaml
from tools import ROOT, CheckError, GoTool, Tool, run

NAME = "helm"
PACKAGES: tuple[str, ...] = ()
HELM = GoTool("helm", "helm.sh/helm/v3/cmd/helm", "3.22.0")
TOOLS: tuple[Tool, ...] = (HELM, helm_schemas.SCHEMAS)
CHART = ROOT / "deploy" / "helm" / "stend"
NAMESPACE = "learners"
# The longest name that Helm gives a release.
_LONGEST = "l" + "o" * 51 + "g"

_ALL_URLS = (
    "engines.postgresql.url=postgresql://lavka:lavka@postgresql:5432/lavka",
    "engines.mysql.url=mysql://lavka:lavka@mysql:3306/lavka",
    "engines.mongodb.url=mongodb://mongodb:27017/lavka",
    "engines.redis.url=redis://redis:6379/0",
    "engines.rabbitmq.url=amqp://lavka:lavka@rabbitmq:5672/",
    r"engines.kafka.url=kafka-1:9092\,kafka-2:9092",
)
_INGRESS = (
    "ingress.enabled=true",
    "ingress.host=lavka.example",
    "ingress.tlsSecret=lavka-tls",
    "ingress.grpc.host=grpc.lavka.example",
)
_AUTH = (
    "auth.required=true",
    "auth.ordersClientSecret=a-long-random-text",
    "auth.partnerKeys=partner:a-long-random-text",
)
_EVERYTHING = (
    "networkPolicy.otlpPort=4318",
    r"settings.trace\.otlp_url=http://jaeger:4318",
    "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring",
    "networkPolicy.ingressFrom[0].namespaceSelector.matchLabels.name=ingress",
    "image.pullSecrets[0]=registry",
    "priorityClassName=low",
    "podAnnotations.team=red",
)


@dataclass(frozen=True, slots=True)
class Release:
    """One way to install the chart.

    Attributes:
        files: of values, beside the chart's own.
        values: as `--set` takes them.
    """

    name: str
    files: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


RELEASES = (
    Release("lena"),
    Release("stend", values=(r"settings.kafka\.brokers=3", "stand.persistence.enabled=false")),
    Release("lena", files=("values-class.yaml",), values=_INGRESS),
    Release(
        "lena",
        values=(*_AUTH, *_EVERYTHING, "quota.enabled=true", _ALL_URLS[0], _ALL_URLS[5]),
    ),
    Release("lavka", files=("values-services.yaml",), values=_INGRESS),
    Release("lavka", files=("values-operators.yaml",)),
    Release("lavka", values=("layout=services", *_ALL_URLS, *_AUTH, *_EVERYTHING)),
    Release(_LONGEST, values=("layout=services", *_ALL_URLS, *_INGRESS)),
    Release(
        "lavka",
        values=(
            "layout=services",
            *_ALL_URLS,
            "engines.kafka.securityProtocol=SASL_SSL",
            "engines.kafka.sasl.secret=confluent",
            "networkPolicy.enabled=false",
        ),
    ),
)

# What must be refused, and a part of what is said then.
REFUSED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("layout=both",), "value must be one of 'stand', 'services'"),
    (("layot=stand",), "additional properties 'layot' not allowed"),
    (("image.tag=latest",), "name a version"),
    (("stand.resources.limits=null",), "missing property 'limits'"),
    (("stand.persistence.size=big",), "does not match pattern"),
    (("services.payments.replicas=2",), "additional properties 'replicas' not allowed"),
    (("services.identity.autoscaling.enabled=true",), "'autoscaling' not allowed"),
    (("services.orders.replicas=0",), "minimum: got 0, want 1"),
    ((r"settings.stand\.host=::",), "additional properties 'stand.host' not allowed"),
    ((r"settings.trace\.persecond=1",), "additional properties 'trace.persecond' not allowed"),
    (("engines.kafka.url=kafka://broker:9092",), "does not match pattern"),
    (("engines.postgresql.url=mysql://a:b@c/d",), "does not match pattern"),
    (("layout=services", *_ALL_URLS, "quota.enabled=true"), "nine services need one"),
    (("engines.kafka.securityProtocol=SSL",), "TLS is for a Kafka of yours"),
    ((_ALL_URLS[5], "engines.kafka.securityProtocol=SASL_SSL"), "SASL_SSL needs the name"),
    (("layout=services", *_ALL_URLS[:-1]), "engines.kafka: layout `services` needs the address"),
    (("auth.required=true",), "auth.ordersClientSecret: auth.required needs a secret"),
    (("auth.ordersClientSecret=orders-demo-secret",), "known to everybody"),
    (("auth.partnerKeys=partner:short",), "does not match pattern"),
    (("ingress.enabled=true",), "ingress.host: an Ingress needs the name"),
    (("ingress.host=http://lavka.example",), "does not match pattern"),
    (("ingress.grpc.host=grpc.example",), "nothing would lead there"),
    ((*_INGRESS, "ingress.grpc.host=lavka.example"), "gRPC needs a host of its own"),
    (("engines.operators.enabled=true",), "passwordSecret: the MongoDB operator needs"),
    (("networkPolicy.otlpPort=0",), "minimum: got 0, want 1"),
    (
        (
            "services.stock.autoscaling.enabled=true",
            "services.stock.autoscaling.minReplicas=5",
        ),
        "minReplicas 5 is more than maxReplicas 4",
    ),
)


def check() -> str:
    """
    Raises:
        CheckError: the chart cannot be rendered, an object of it is wrong, or a pod of it fails.
    """
    files = sorted(path.name for path in CHART.glob("values-*.yaml"))
    unused = set(files) - {name for release in RELEASES for name in release.files}
    if unused:
        raise CheckError(f"no release is rendered with {', '.join(sorted(unused))}")
    for name in ("values.yaml", *files):
        run([HELM.path, "lint", "--strict", *_kubernetes(), "--values", CHART / name, CHART])
    objects = 0
    schemas = helm_schemas.Schemas()
    for release in RELEASES:
        rendered = render(release)
        objects += len(rendered)
        # The schemas have nothing about the length of a name, and take the most of the time.
        if release.name != _LONGEST:
            schemas.check(rendered, release.name)
        helm_objects.check(rendered)
    for values, expected in REFUSED:
        _check_refused(values, expected)
    placed = _run_pods()
    return (
        f"{len(RELEASES)} releases of {objects} objects hold for Kubernetes "
        f"{' and '.join(schemas.versions)}, {schemas.unknown_kinds} without a schema to hold them "
        f"against; {len(REFUSED)} wrong values are refused; {placed}"
    )


def render(release: Release) -> list[Any]:
    """The objects, hooks and tests among them."""
    printed = run([HELM.path, "template", release.name, CHART, *_options(release)])
    return [one for one in yaml.load_all(printed, yaml.CSafeLoader) if one]


def _options(release: Release) -> list[str]:
    options = ["--namespace", NAMESPACE, *_kubernetes()]
    for name in release.files:
        options += ["--values", str(CHART / name)]
    for value in release.values:
        options += ["--set", value]
    return options


def _kubernetes() -> Sequence[str]:
    # A helm that was built from its module's source takes itself for one of an ancient cluster.
    return ("--kube-version", helm_schemas.NEWEST)


def _check_refused(values: Sequence[str], expected: str) -> None:
    try:
        render(Release("lena", values=tuple(values)))
    except CheckError as error:
        if expected in str(error):
            return
        raise CheckError(f"{values} is refused, but not with {expected!r}:\n{error}") from None
    raise CheckError(f"{values} is rendered, though it should be refused")


def _run_pods() -> str:
    with tempfile.TemporaryDirectory(prefix="stend-helm-") as folder:
        return helm_pods.check(render_services, Path(folder), CHART)


def render_services(urls: dict[str, str]) -> list[Any]:
    """Nine services on these engines."""
    values = [f"engines.{name}.url={url}".replace(",", r"\,") for name, url in urls.items()]
    return render(Release("lavka", values=("layout=services", *values, *_AUTH)))
