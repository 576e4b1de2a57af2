"""Pages of stock: what lies there, what arrives and leaves, quarantine and supply."""
