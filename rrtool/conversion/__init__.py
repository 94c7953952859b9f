"""Files of other formats as recordings: which files there are, and the messages that are made of them."""
