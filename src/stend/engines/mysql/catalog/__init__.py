"""Databases, tables, columns and keys as they were declared, and what is told about them."""
