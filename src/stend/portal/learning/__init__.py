"""What the pages of the course are made of: modules, progress, verdicts, live blocks."""
