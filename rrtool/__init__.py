"""Work on recordings from the command line: merge, filter, compact, print, stats, verify."""
