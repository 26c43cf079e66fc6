"""Quantities and reservations: what lies in the dark stores and whom it is kept for."""
