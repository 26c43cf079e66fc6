"""Publisher confirms where the broker has got other messages than the client has sent.

Both count publishes of a channel from 1, by themselves; a confirm tells a number of the broker.
"""

from typing import NamedTuple


class Confirm(NamedTuple):
    """Basic.Ack or Basic.Nack, without its flags that are nobody's matter here."""

    tag: int
    multiple: bool


class Numbers:
    """The publishes of one channel that are not confirmed yet.

    Args:
        first: the client's number of the first one that is seen; the broker's is the same.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._next = first
        self._latest = first - 1
        # The client's number by the broker's; None where the client does not know of it.
        self._known: dict[int, int | None] = {}

    @property
    def differ(self) -> bool:
        """The broker does not count as the client does, or may confirm in another order."""
        return self._next != self._latest + 1 or any(
            own != other for own, other in self._known.items()
        )

    def sent(self, client: int | None) -> None:
        """The broker gets a publish with this number of the client; None for one of the fault."""
        self._known[self._next] = client
        self._next += 1
        self._latest = max(self._latest, client or 0)

    def kept(self, client: int) -> None:
        """The broker does not get this one, or not yet."""
        self._latest = max(self._latest, client)

    def confirmed(self, confirm: Confirm) -> list[Confirm]:
        """What the client is to be told instead."""
        if not confirm.multiple:
            client = self._known.pop(confirm.tag, confirm.tag)
            return [] if client is None else [Confirm(client, multiple=False)]
        # §1.8.3.13: zero means all that there are.
        highest = confirm.tag or self._next - 1
        if highest < self._first:
            return [confirm]
        found = [self._known.pop(one) for one in tuple(self._known) if one <= highest]
        clients = sorted(one for one in found if one is not None)
        # All that were sent before the first one are confirmed as well.
        latest = clients[-1] if clients else self._first - 1
        open_ = [one for one in self._known.values() if one is not None]
        if all(one > latest for one in open_):
            return [Confirm(latest, multiple=True)] if latest else []
        before = [Confirm(self._first - 1, multiple=True)] if self._first > 1 else []
        return before + [Confirm(one, multiple=False) for one in clients]
