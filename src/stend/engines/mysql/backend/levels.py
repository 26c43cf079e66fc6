"""Levels of isolation."""

from enum import Enum


class Isolation(Enum):
    """Levels, by their names in transaction_isolation."""

    READ_COMMITTED = "READ-COMMITTED"
    REPEATABLE_READ = "REPEATABLE-READ"
    SERIALIZABLE = "SERIALIZABLE"
