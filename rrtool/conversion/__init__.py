"""Files of other formats as recordings, and recordings as tables."""
