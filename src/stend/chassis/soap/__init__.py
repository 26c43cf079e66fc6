"""SOAP 1.1 and 1.2 over HTTP, contract first. Imports lxml: import it with the first request."""
