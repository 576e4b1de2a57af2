"""Append-only, hash-chained trail; knows no roles."""
