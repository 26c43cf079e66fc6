"""The ways into the service, one folder per protocol."""
