"""The one-way relay between the sides: messages, the table they go into, sending above, verifying below."""
