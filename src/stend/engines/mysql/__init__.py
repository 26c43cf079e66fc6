"""A server of MySQL's protocol that keeps its tables in a PostgreSQL of its own."""
