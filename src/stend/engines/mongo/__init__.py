"""A server of MongoDB's protocol: documents, indexes, transactions, change streams."""
