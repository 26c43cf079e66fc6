"""The texts of the course: lessons, quizzes, the glossary, and what holds them together."""
