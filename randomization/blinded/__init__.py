"""BLINDED: nothing in here may know an arm or an immune class."""
