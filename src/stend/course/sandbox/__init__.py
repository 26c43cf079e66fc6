"""A learner's code at work: in a process of its own, within limits, and gone afterwards."""
