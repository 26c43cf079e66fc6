"""Makes the environment that stend runs in, from the lock, with the standard library alone."""
