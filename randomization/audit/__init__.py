"""Append-only, hash-chained trail; it does not depend on roles."""
