"""The aggregation pipeline: expressions, accumulators, windows, stages. Pure."""
