"""An AMQP 0-9-1 broker with RabbitMQ's extensions and the paths of its management API."""
