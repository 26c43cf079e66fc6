"""PostgreSQL, the real one, from a wheel. Start with launcher.py."""
