"""HTTP/1.1 (RFC 9110, RFC 9112) as bytes of both directions of a connection."""
