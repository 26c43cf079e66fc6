"""The protocol of Redis, RESP2 and RESP3: commands, replies and what comes unasked."""
