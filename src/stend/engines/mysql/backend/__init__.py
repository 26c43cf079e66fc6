"""The PostgreSQL behind the server: its connections, transactions with InnoDB's rules, DDL."""
