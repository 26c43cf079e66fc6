"""MySQL's functions: how many arguments, which type of result, what PostgreSQL is asked."""
