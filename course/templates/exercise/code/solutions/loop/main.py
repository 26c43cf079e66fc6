"""The total, line by line."""


def total(lines):
    found = 0
    for line in lines:
        found += line["price"] * line["quantity"]
    return found
