"""Expressions of MySQL as expressions of PostgreSQL, each with the type that MySQL gives it."""
