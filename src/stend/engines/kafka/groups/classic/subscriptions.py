"""What members of protocol type `consumer` subscribe to, as far as the broker can read it. Pure."""

from collections.abc import Iterable
from struct import Struct

from stend.wire.kafka.codec import data
from stend.wire.kafka.errors import WireError

_VERSION = Struct(">h")


def subscribed_topics(subscriptions: Iterable[bytes]) -> frozenset[str] | None:
    """All topics in these metadata of JoinGroup; None when one of them is of another make.

    Version 0 is a prefix of every later one, so nothing need be known of those.
    """
    codec = data("ConsumerProtocolSubscription", 0)
    topics: set[str] = set()
    for subscription in subscriptions:
        if len(subscription) < _VERSION.size or _VERSION.unpack_from(subscription)[0] < 0:
            return None
        try:
            fields, _ = codec.decode(subscription, _VERSION.size)
        except WireError:
            return None
        topics.update(fields["topics"])
    return frozenset(topics)
