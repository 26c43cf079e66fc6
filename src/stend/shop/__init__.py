"""Lavka, the shop. Services never import each other: they meet on the network."""
