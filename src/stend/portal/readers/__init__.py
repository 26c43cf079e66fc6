"""Contracts of every format as one kind of document, for the pages that show them."""
