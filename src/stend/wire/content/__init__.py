"""What several protocols carry, and how it is read."""
