"""The token service of the shop: who may call what (RFC 6749, RFC 9068)."""
