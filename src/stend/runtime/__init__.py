"""The composition root: settings, build, start, stop, health. Start with run.py."""
