"""What the worklist writes."""
