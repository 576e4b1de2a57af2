"""The trial played on its published figures, through the services of both sides; the tests play it too.

Only the embedded demonstration and the tests may run blinded services from above; see docs/decisions/0002.
"""
