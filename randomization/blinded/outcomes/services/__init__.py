"""What is written of outcomes."""
