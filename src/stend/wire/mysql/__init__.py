"""MySQL's client/server protocol, version 10: packets, messages, and what stands where in them."""
