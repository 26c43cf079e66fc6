"""TLS: records, and of the handshake what anybody can read."""
