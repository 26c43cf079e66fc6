"""MySQL behind the port: statements of SQLAlchemy over aiomysql, one transaction per command."""
