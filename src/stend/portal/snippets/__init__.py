"""The same call by other means: the tools that a reader has at hand, protocol by protocol.

A module per protocol, because each brings the library of its contract.
"""
