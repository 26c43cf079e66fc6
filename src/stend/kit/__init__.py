"""One topic per file: errors, money, clock, ids, json. Pure; imports nothing of the stand."""
