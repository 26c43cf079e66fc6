"""A fault as somebody composes it in the form: texts first, then numbers that may be wrong."""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stend.kit.languages import Text
from stend.kit.place import told
from stend.portal.faulting.edges import TappedEdge
from stend.portal.wires import PROTOCOLS
from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.kinds import Kind, Parameter
from stend.tap.faults import DURATION_LIMIT_S, Wanted

ON, KIND, PROBABILITY, SEED, DURATION = "on", "kind", "probability", "seed", "for"
# What JSON carries without loss (RFC 8259, section 6), as in the API.
_SEED_LIMIT = 2**53
_SEED_DIGITS = 16
_LEAST_DURATION_S = 1.0
_LEAST_PROBABILITY = 0.001


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that cannot be read.

    Attributes:
        expected: such as `0 to 60000`.
    """

    name: str
    value: str
    expected: Text


@dataclass(frozen=True, slots=True)
class Draft:
    """
    Attributes:
        given: the texts of the form by the names of its fields.
    """

    edge: TappedEdge
    kind: Kind
    given: Mapping[str, str]

    def value(self, name: str) -> str:
        """What stands in a field: as given, or else its default."""
        return self.given[name] if name in self.given else self._defaults[name]

    @property
    def _defaults(self) -> Mapping[str, str]:
        numbers = {one.name: f"{one.default:g}" for one in self.kind.parameters}
        return {**numbers, PROBABILITY: "1", SEED: "", DURATION: "60"}

    def wrong(self) -> tuple[Wrong, ...]:
        """The fields that cannot be read, in the order of the form."""
        bounds = [(one.name, one.least, one.most) for one in self.kind.parameters]
        bounds.append((PROBABILITY, _LEAST_PROBABILITY, 1.0))
        bounds.append((DURATION, _LEAST_DURATION_S, DURATION_LIMIT_S))
        found = [_wrong(name, self.value(name), least, most) for name, least, most in bounds]
        if not _is_seed(self.value(SEED)):
            whole = Text(
                f"целое от 0 до {_SEED_LIMIT - 1} или пусто",
                f"a whole number from 0 to {_SEED_LIMIT - 1}, or nothing",
            )
            found.append(Wrong(SEED, self.value(SEED), whole))
        return tuple(one for one in found if one)

    def wanted(self) -> Wanted:
        """To be asked for only where nothing is wrong."""
        seed = self.value(SEED).strip()
        return Wanted(
            kind=self.kind.name,
            edge=self.edge.edge,
            numbers={one.name: _number(self.value(one.name)) for one in self.kind.parameters},
            probability=_number(self.value(PROBABILITY)),
            seed=int(seed) if seed else None,
            duration_s=_number(self.value(DURATION)),
        )

    def command(self) -> str:
        """The same for a shell, by the command of the stand."""
        wanted = self.wanted()
        words = [*shlex.split(told("./stend")), "fault", "set", wanted.kind, "--on", self.edge.key]
        words += [f"{name}={value:g}" for name, value in wanted.numbers.items()]
        if wanted.probability != 1:
            words += ["--probability", f"{wanted.probability:g}"]
        if wanted.seed is not None:
            words += ["--seed", str(wanted.seed)]
        return shlex.join([*words, "--for", f"{wanted.duration_s:g}"])

    def curl(self, http_url: str) -> str:
        """The same for a shell, by the API.

        Args:
            http_url: of the stand, `http://host:port`.
        """
        wanted = self.wanted()
        body: dict[str, object] = {
            "kind": wanted.kind,
            "source": wanted.edge.source,
            "target": wanted.edge.target,
            "numbers": {name: _plain(value) for name, value in wanted.numbers.items()},
            "probability": _plain(wanted.probability),
            "duration_s": _plain(wanted.duration_s),
        }
        if wanted.seed is not None:
            body["seed"] = wanted.seed
        words = shlex.join(["--json", json.dumps(body)])
        return f"curl -sS {shlex.quote(http_url + '/stand/faults')} \\\n  {words}"


def kinds_on(edge: TappedEdge) -> tuple[tuple[Kind, ...], tuple[Kind, ...]]:
    """The kinds that have a meaning on an edge: those of any connection, those of its protocol."""
    found = [one for one in KINDS.values() if any(map(one.speaks, edge.protocols))]
    speaking = tuple(one for one in found if one.protocols and _is_heard(one, edge))
    return tuple(one for one in found if not one.protocols), speaking


def _is_heard(kind: Kind, edge: TappedEdge) -> bool:
    # One tap of HTTP may carry many kinds of API; `soap_fault` strikes where SOAP is spoken.
    meant = next((key for key in PROTOCOLS if kind.name.startswith(f"{key}_")), None)
    spoken = {wire.key for wire in edge.wires}
    return meant is None or not spoken or meant in spoken


def placed_on(edges: Iterable[TappedEdge], key: str) -> TappedEdge | None:
    return next((one for one in edges if one.key == key), None)


def draft_of(edge: TappedEdge, given: Mapping[str, str]) -> Draft:
    """What was given, with the first kind of the edge where none or none that fits is named."""
    known = [kind for group in kinds_on(edge) for kind in group]
    kind = next((one for one in known if one.name == given.get(KIND)), known[0])
    return Draft(edge, kind, given)


def step_of(parameter: Parameter) -> str:
    """Whether a field takes fractions: what is counted in whole things does not."""
    return "any" if parameter.name.endswith(("_ms", "_s")) else "1"


def _number(text: str) -> float:
    # A Russian keyboard writes 0,5.
    return float(text.strip().replace(",", "."))


def _plain(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _wrong(name: str, text: str, least: float, most: float) -> Wrong | None:
    try:
        fits = least <= _number(text) <= most
    except ValueError:
        fits = False
    if fits:
        return None
    expected = Text(f"число от {least:g} до {most:.12g}", f"a number from {least:g} to {most:.12g}")
    return Wrong(name, text.strip()[:40], expected)


def _is_seed(text: str) -> bool:
    stripped = text.strip()
    is_number = stripped.isascii() and stripped.isdigit() and len(stripped) <= _SEED_DIGITS
    return not stripped or (is_number and int(stripped) < _SEED_LIMIT)
