"""The composition root: settings, build, start, stop, health. Start with settings.py, then run.py."""
