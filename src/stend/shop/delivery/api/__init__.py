"""One folder per protocol; delivery speaks gRPC only."""
