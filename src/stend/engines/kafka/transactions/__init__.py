"""Transactions and producer ids: the coordinator's side."""
