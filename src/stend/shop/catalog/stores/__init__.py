"""MongoDB keeps the catalogue, Redis remembers what was read lately."""
