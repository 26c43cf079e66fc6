"""DNS: messages over TCP, with their records."""
