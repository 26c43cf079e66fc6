"""What the simulation of couriers asks by the clock, as the store says it."""

from stend.kit.polls import Polls

POLLS = Polls(
    readings=("ZRANGE delivery:due 0 0 ", "HVALS delivery:couriers"),
    takings=("ZRANGEBYSCORE delivery:due -inf ",),
)
