"""All kinds of faults there are, by name."""

from collections.abc import Mapping

from stend.tap.disturb.bandwidth import BANDWIDTH
from stend.tap.disturb.cutting import CUT, REFUSE, RESET
from stend.tap.disturb.http_status import HTTP_STATUS
from stend.tap.disturb.kinds import Kind
from stend.tap.disturb.latency import JITTER, LATENCY
from stend.tap.disturb.silence import BLACK_HOLE
from stend.tap.disturb.slicing import SLICER

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (LATENCY, JITTER, BANDWIDTH, SLICER, CUT, RESET, REFUSE, BLACK_HOLE, HTTP_STATUS)
}
