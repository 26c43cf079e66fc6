"""`stend kafka brokers`, `stend kafka stop N`, `stend kafka start N`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stend.cli.session import Exit, Session
from stend.cli.stand import status_of, target_of
from stend.cli.texts import T

if TYPE_CHECKING:
    from stend.chassis.kafka_security import KafkaSecurity
    from stend.runtime.brokers import BrokerView, ClusterView


@dataclass(frozen=True, slots=True)
class _Cluster:
    """
    Attributes:
        addresses: `host:port` of each broker to begin with.
        is_ours: it is the stand's: its brokers are numbered from 1, in the order of `addresses`.
    """

    addresses: tuple[str, ...]
    is_ours: bool
    security: "KafkaSecurity"

    @property
    def known(self) -> dict[int, str]:
        return dict(enumerate(self.addresses, 1)) if self.is_ours else {}


def brokers_command(session: Session, port_base: int | None, as_json: bool) -> None:
    """Exit code 0 also when a broker is stopped: that is an answer."""
    _show(session, _cluster_of(session, port_base), as_json)


def change_command(
    session: Session, broker: int, port_base: int | None, as_json: bool, *, stopped: bool
) -> None:
    """Exit code 1: the cluster refuses, as it does for the last broker that runs."""
    from stend.runtime.brokers import NoBrokerError, RefusedError, set_stopped

    cluster = _cluster_of(session, port_base)
    if not cluster.is_ours:
        session.fail(T.NOT_OUR_BROKERS, url=",".join(cluster.addresses))
    if broker not in cluster.known:
        known = ", ".join(str(id_) for id_ in cluster.known)
        session.fail(T.NO_SUCH_BROKER, id=broker, known=known)
    # Its own answer would be lost with its connections.
    others = [address for id_, address in cluster.known.items() if id_ != broker]
    try:
        set_stopped([*others, cluster.known[broker]], broker, stopped=stopped)
    except RefusedError as error:
        session.complain(T.KAFKA_REFUSES, reason=error)
        raise SystemExit(Exit.DOMAIN_ERROR) from None
    except NoBrokerError as error:
        session.fail(T.NO_KAFKA, reason=error)
    _show(session, cluster, as_json)


def _cluster_of(session: Session, port_base: int | None) -> _Cluster:
    """The one of the stand that runs: it may have been started with other settings than these."""
    target = target_of(session, port_base)
    status: Mapping[str, Any] | None = status_of(session, target)
    if status is None:
        raise SystemExit(Exit.FAILURE)
    kafka = next(engine for engine in status["engines"] if engine["name"] == "kafka")
    others = (one["url"] for one in kafka["also_at"])
    is_ours = kafka["label"] != "real"
    return _Cluster((kafka["url"], *others), is_ours, target.settings.kafka.security)


def _show(session: Session, cluster: _Cluster, as_json: bool) -> None:
    from stend.runtime.brokers import NoBrokerError, look

    try:
        view = look(cluster.addresses, cluster.known, cluster.security)
    except NoBrokerError as error:
        session.fail(T.NO_KAFKA, reason=error)
    if as_json:
        session.print_json(asdict(view))
    else:
        _print(session, view)


def _print(session: Session, view: "ClusterView") -> None:
    from rich.table import Table

    from stend.cli.screen import console

    heads = (T.BROKER, T.ADDRESS, T.STATE, T.LEADS, T.REPLICAS, T.OUT_OF_SYNC)
    table = Table(*(head(session.language) for head in heads), box=None, pad_edge=False)
    for broker in view.brokers:
        table.add_row(*_cells(session, broker))
    console().print(table)
    session.say(
        T.PARTITIONS,
        partitions=view.partitions,
        under_replicated=view.under_replicated,
        without_leader=view.without_leader,
    )


def _cells(session: Session, broker: "BrokerView") -> tuple[str, ...]:
    # Mark, word and colour, as everywhere: nothing is told by colour alone.
    if broker.running:
        state = f"[green]●[/] {T.BROKER_RUNS(session.language)}"
    else:
        state = f"[dim]○[/] {T.BROKER_IS_STOPPED(session.language)}"
    counts = (broker.leads, broker.replicas, broker.out_of_sync)
    return (str(broker.id), broker.address or "–", state, *(str(count) for count in counts))
