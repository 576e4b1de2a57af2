"""What the pharmacy of a site holds, and the one flag the blinded side sees of it."""
