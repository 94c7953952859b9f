"""What is kept of what was logged: messages in the order they came, and chunks by what they are about."""
