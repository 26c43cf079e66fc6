"""PostgreSQL behind the ports: writing.py through SQLAlchemy, reading.py straight to psycopg."""
