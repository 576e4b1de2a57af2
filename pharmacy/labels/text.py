"""What stands on a label, as the pharmacy reads it: `randomization.documents.labels.text`.

Pure: no Django.
"""

from randomization.documents.labels.text import LabelSite, LabelSubject, label_fields, shown_time

__all__ = ["LabelSite", "LabelSubject", "label_fields", "shown_time"]
