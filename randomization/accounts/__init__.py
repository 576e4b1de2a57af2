"""Accounts, roles, delegation, recovery and lock-out."""
