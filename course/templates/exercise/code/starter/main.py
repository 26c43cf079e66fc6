"""[to write: what the learner finds here]"""


def total(lines):
    raise NotImplementedError
