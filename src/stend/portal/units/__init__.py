"""What the pages show of exchanges: their heads, their units, and the fields as rows of a tree."""
