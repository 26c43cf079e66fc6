"""What the service does by itself: it consumes events, tells listeners, delivers webhooks."""
