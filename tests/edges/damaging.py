"""Valid bytes of a client, broken in a few places."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """
    Attributes:
        lengths: are written over as many bytes.
        odd: each takes the place of one byte.
        kept: so many bytes at the beginning stay.
    """

    lengths: Sequence[bytes]
    odd: Sequence[bytes]
    kept: int = 0

    def do(self, choice: random.Random, data: bytearray) -> None:
        """In one place."""
        at = choice.randrange(self.kept, len(data)) if len(data) > self.kept else 0
        match choice.randrange(5):
            case 0:
                data[at] ^= 1 << choice.randrange(8)
            case 1:
                del data[at : at + choice.randrange(1, 20)]
            case 2:
                data[at:at] = choice.randbytes(choice.randrange(1, 20))
            case 3:
                length = choice.choice(self.lengths)
                data[at : at + len(length)] = length
            case _:
                data[at : at + 1] = choice.choice(self.odd)


def mutated(
    choice: random.Random,
    make: Callable[[random.Random], bytes],
    damage: Damage,
    head_of: Callable[[int], bytes],
) -> bytes:
    """Some messages, one of them damaged.

    Args:
        head_of: what a message of so many bytes begins with.
    """
    messages = [bytearray(make(choice)) for _ in range(choice.randrange(1, 4))]
    victim = messages[choice.randrange(len(messages))]
    for _ in range(choice.randrange(1, 4)):
        damage.do(choice, victim)
    if choice.random() < 0.8:
        # Of the right length again: otherwise little of it would be read.
        head = head_of(len(victim))
        victim[: len(head)] = head
    return b"".join(messages)
