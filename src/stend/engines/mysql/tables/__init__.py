"""Databases, tables and columns with their types, as declared and as PostgreSQL keeps them."""
