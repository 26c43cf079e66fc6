"""Groups whose leader divides the partitions among the members; here what they are."""
