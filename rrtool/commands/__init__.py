"""One verb a file, thin: read the options, arrange sources, transforms and sinks, say what happened."""
