"""What verbs find out about a recording, as pure functions from messages to dataclasses."""
