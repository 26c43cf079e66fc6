"""Tables of sentences on the fields of MongoDB, by topics."""
