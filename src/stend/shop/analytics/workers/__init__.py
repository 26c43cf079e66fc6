"""What runs without being asked: the consumer that fills the warehouse."""
