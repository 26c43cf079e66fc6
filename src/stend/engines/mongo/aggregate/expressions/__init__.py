"""Expressions of the aggregation pipeline, compiled to functions of the variables in scope."""
