"""Outbox: what must be told, to whom."""
