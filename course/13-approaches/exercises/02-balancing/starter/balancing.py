"""Whom to send a request to, whether to retry it, and where a key lives. You write this file."""

import random


class TwoChoices:
    """A balancer that takes two different servers at random and sends to the less busy one.

    Args:
        servers: their names.
        dice: all chance comes from here, so that a run can be repeated.
    """

    def __init__(self, servers: list[str], dice: random.Random) -> None:
        self.servers = list(servers)
        self.dice = dice

    def pick(self) -> str:
        """The server for one request; it is busy with it until `done`.

        Raises:
            LookupError: there is no server.
        """
        return self.servers[0]

    def done(self, server: str) -> None:
        """One request to the server has ended."""

    def add(self, server: str) -> None:
        self.servers.append(server)

    def remove(self, server: str) -> None:
        self.servers.remove(server)


class RetryBudget:
    """Lets a retry through only where it has been earned.

    Args:
        most: retries that can be saved; so many there are at the beginning.
        earned_by: successes that earn one retry.
    """

    def __init__(self, most: int, earned_by: int) -> None:
        self.most = most
        self.earned_by = earned_by

    def succeeded(self) -> None:
        """A request was answered in time."""

    def may_retry(self) -> bool:
        """Whether one may retry now; if so the retry is paid for."""
        return True


class HashRing:
    """Tells which server a key lives on.

    Args:
        servers: their names, in any order.
    """

    def __init__(self, servers: list[str]) -> None:
        self.servers = list(servers)

    def owner(self, key: str) -> str:
        return self.servers[hash(key) % len(self.servers)]

    def add(self, server: str) -> None:
        self.servers.append(server)

    def remove(self, server: str) -> None:
        self.servers.remove(server)
