"""The services that the saga asks, each over its own protocol, and the brokers it tells."""
