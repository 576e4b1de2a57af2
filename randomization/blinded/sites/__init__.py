"""Sites, duty tables, protocol versions."""
