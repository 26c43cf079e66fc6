"""Faults as pages show them: on which edges they stand, how they are asked for, what is set."""
