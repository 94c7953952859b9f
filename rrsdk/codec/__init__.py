"""Bytes to messages and back, without any I/O: what an .rrd stream is made of.

`decoder` and `encoder` are the two ends. Between them, from the outside in: `frames` (the stream),
`wire` and `payload` (protobuf), `lz4`, `splice`, `literals` (the blocks), `chunks` (a chunk message
opened and made), `footer` (what stands at the end). `window` and `heads` read chunks that lie in an
origin; `arrivals` and `modernize` bring what is old up to date.
"""
