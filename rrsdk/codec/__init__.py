"""Bytes to messages and back, without any I/O: what an .rrd stream is made of.

From the outside in: `frames` (the stream), `wire` and `payload` (protobuf), `lz4` (the blocks),
`chunks` (a chunk message opened and made), `footer` (what stands at the end).
"""
