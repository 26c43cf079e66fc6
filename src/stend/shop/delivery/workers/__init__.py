"""What the service does by itself: simulation.py makes the couriers' steps when they are due."""
