"""The commands of the server, one file per family, and the table that they are found by."""
