"""The tap stands between any two parts: it forwards first. Start with pump.py."""
