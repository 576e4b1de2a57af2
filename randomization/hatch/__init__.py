"""The one-way relay: the form of a message, and how it is verified below. It is signed above, by `lists`.

Pure: no Django.
"""
