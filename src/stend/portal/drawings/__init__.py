"""Diagrams of lessons as SVG of our own: drawn on the server, readable without scripts."""
