"""DDL and SHOW: databases and tables changed, kept in PostgreSQL, and told about."""
