"""A Kafka broker: groups, transactions, retention and compaction on the real wire protocol."""
