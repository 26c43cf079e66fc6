"""MySQL's statements as statements of PostgreSQL that mean the same, or a refusal."""
