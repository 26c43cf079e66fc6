"""What the simulation of couriers and the feed of events ask by the clock, as their stores do."""

from stend.kit.polls import Polls

POLLS = Polls(
    readings=("ZRANGE delivery:due 0 0 ", "HVALS delivery:couriers"),
    takings=(
        "ZRANGEBYSCORE delivery:due -inf ",
        "XREAD BLOCK 10000 COUNT 500 STREAMS delivery:events ",
    ),
)
