"""What this service calls: the receivers of webhooks."""
