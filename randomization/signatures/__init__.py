"""Signatures: a grant for one meaning and one record, and the commands that need one."""
