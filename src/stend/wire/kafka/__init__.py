"""The protocol of Kafka: messages, frames and record batches."""
