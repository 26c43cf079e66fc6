"""Tells customers and partners what happens to orders."""
