"""What a broker keeps: an append-only log of messages under a limit of bytes, read from any place on."""
