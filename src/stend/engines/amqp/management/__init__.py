"""A part of RabbitMQ's management API over HTTP, on its own paths."""
