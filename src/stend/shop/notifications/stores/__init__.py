"""PostgreSQL behind the store, Redis behind the live feed."""
