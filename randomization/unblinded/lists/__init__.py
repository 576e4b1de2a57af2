"""Allocation plan, generate, verify, open_assignment."""
