"""Tables of sentences on the fields of MySQL, by topics."""
