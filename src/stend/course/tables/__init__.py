"""Mapping tables as exercises: read strictly, and executed on messages."""
