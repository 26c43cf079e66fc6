"""One partition's log: segments on a volume, in Kafka's own file formats."""
