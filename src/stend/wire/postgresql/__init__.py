"""The protocol of PostgreSQL, version 3: messages of both sides and what they answer."""
