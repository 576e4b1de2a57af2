"""What is done while the broker hangs."""
