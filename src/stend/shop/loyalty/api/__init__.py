"""JSON-RPC is the one protocol of this service."""
