"""One function per API: it takes a request, changes the state and replies, at once or later."""
