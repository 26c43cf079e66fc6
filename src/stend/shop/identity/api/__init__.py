"""The one protocol of the service: OAuth 2.0 over HTTP."""
