"""The books in PostgreSQL."""
