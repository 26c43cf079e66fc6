"""Tables of sentences on the fields of Kafka, by topics."""
