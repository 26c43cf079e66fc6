"""One folder per protocol. RabbitMQ is the native one and the only one."""
