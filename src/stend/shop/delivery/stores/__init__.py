"""Redis behind the ports: book.py, what Redis itself runs in scripts.py, and the feed."""
