"""Labels of syringe and outer bag: text, layout, PDF and ZPL, and whether every label of a site can be printed.

On the platform, since a label knows no arm: the pharmacy prints it, the blinded side tries it when sites are loaded.

Pure: no Django.
"""
