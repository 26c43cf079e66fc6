"""The pages. Start with app.py; a page is pages/, templates/ and static/ under one name."""
