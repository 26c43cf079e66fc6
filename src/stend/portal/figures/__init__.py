"""Figures over time: what the metrics of this process were in the last quarter of an hour."""
