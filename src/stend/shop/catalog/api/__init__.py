"""One folder per protocol; what they all say the same way is in messages.py."""
