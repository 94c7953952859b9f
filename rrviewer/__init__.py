"""Looks at recordings: a window, and the models behind it, which know nothing of windows."""
