"""The stand: a whole online shop with delivery on one laptop, made to be looked into."""

__version__ = "0.1.0"
