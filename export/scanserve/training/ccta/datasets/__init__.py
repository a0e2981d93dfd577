"""Data sets in the layouts in which they are published, as annotated studies to train on."""
