"""Analytics over REST."""
