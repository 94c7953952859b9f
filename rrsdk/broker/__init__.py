"""The broker: takes in what producers send, keeps it, and feeds whoever asks (PROTOCOL.md).

`intake` and `replay` decide, without sockets and clocks; `service` has both and one thread.
"""
