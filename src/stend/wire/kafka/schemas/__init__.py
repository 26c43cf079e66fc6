"""The table of Kafka's messages, made by scripts/kafka-schemas."""
