"""Worklist, instruction, release, void."""
