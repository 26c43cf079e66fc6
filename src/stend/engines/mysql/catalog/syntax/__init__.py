"""The text of DDL as data: what is declared, before it is known whether it can be."""
