"""The vault: sequence, sealed slots, keys and commitment. Pure Python, no Django, no database.

Only `lists` and `codebreak` may import from here; the specifications stand in docs/specification.md.
"""
