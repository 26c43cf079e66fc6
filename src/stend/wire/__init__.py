"""Codecs: bytes to messages and back, with no I/O."""
