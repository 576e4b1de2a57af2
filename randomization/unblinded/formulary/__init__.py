"""UNBLINDED. Products, and what each syringe holds by arm, class, route and level."""
