"""Window functions of $setWindowFields: bounds, ranks, gaps, and accumulators over a window."""
