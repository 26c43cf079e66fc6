"""Contracts that learners write, one module per format."""
