"""The grant of a signature."""
