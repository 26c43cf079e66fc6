"""The bank: it holds, takes and gives back money, and keeps the books of it."""
