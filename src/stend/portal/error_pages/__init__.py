"""Every stable error code in plain words: what it means, why it comes and what to do."""
