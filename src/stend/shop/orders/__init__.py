"""Orders from cart to delivered. Start with domain.py, then usecases.py, then api/rest."""
