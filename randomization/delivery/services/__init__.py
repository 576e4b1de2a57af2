"""What pages and API write by themselves."""
