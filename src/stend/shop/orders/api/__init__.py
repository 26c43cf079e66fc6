"""One folder per protocol, one shape. rest/ is the reference: read the others as differences."""
