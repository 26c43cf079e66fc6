"""Stages of the aggregation pipeline, each a function of a stream of documents."""
