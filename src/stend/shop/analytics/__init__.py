"""Events of the shop, kept as facts in Parquet, and what they tell: the marts."""
