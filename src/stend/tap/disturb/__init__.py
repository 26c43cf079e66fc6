"""Faults: what may happen to the bytes of a connection on their way."""
