"""What all versions of HTTP share (RFC 9110): methods, statuses, values of headers."""
