"""The vault: sequence, sealed slots, keys and commitment.

Only `lists` and `codebreak` may import from here; the specifications stand in docs/specification.md.

Pure: no Django.
"""
