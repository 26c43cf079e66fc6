"""DNS: messages over TCP and in datagrams, with their records."""
