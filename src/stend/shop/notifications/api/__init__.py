"""One folder per protocol. Modules that stand here belong to all of them."""
