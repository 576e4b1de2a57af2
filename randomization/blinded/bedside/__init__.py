"""Treatment course, doses, clearance, administration."""
