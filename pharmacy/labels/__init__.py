"""The print log of labels; text, layout, PDF and ZPL are in `randomization/documents/labels`."""
