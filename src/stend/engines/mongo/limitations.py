"""What this server does not do, though MongoDB does. Each line has a test with its code."""

from stend.engines.limitation import Limitation

LIMITATIONS: tuple[Limitation, ...] = ()
