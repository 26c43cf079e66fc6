"""GraphQL as every service serves it: limits before execution, one answer format, HTTP, WebSocket.

A service brings its schema (strawberry), its table of errors and a context per request.
"""
