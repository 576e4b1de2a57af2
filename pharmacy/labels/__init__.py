"""Label text, templates, PDF and ZPL."""
