"""The operations: deliveries.py on orders, couriers.py on places, shifts.py on work."""
