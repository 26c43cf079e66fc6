"""Groups of the protocol of KIP-848, whose partitions the broker divides; here what they are."""
