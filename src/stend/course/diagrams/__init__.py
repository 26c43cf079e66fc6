"""Sequence diagrams and C4 diagrams as exercises: read strictly, compared with what happened."""
