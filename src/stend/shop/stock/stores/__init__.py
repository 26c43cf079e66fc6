"""PostgreSQL behind the ports. A command is one transaction: inbox, effect and movements."""
