"""What each SHOW tells: columns and rows, before LIKE and WHERE."""
