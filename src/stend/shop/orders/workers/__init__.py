"""What the service does by itself: the saga, the relay, the courier's news, the reconciliation."""
