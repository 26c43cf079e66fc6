"""Puts decoders together: which one reads a connection, and which one goes on after another."""
