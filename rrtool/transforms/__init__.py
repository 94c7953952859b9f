"""What verbs do to a recording, as pure functions from messages to messages."""
