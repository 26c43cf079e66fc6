"""HTTP/2 and HPACK as frames, field blocks and their trees."""
