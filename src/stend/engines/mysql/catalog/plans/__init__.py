"""What PostgreSQL is to do for each statement of DDL."""
