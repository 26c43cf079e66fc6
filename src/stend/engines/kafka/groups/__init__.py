"""Consumer groups and the offsets they have committed."""
