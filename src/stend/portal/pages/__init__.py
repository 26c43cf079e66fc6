"""One page, one file; its template and its script carry the same name."""
