"""Commands and their texts; no logic. Start with main.py."""
