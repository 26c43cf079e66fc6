"""What a statement asks for: transactions, variables, databases, queries, definitions. Pure."""
