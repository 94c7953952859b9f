"""Arrow IPC read in place: what a chunk is, where its columns lie, and the manifest of many chunks.

Nothing here imports pyarrow or numpy: their import alone costs more than most verbs take, and
moving, dropping or describing columns needs no values. `chunk` and `migration` are for values.

From the bottom: `flatbuf` (the encoding of metadata), `schema` (Arrow types), `stream` (one schema
and one record batch), `layout` (a chunk's columns), `table` (small flat tables), `rows` and
`manifest` (what a footer says of chunks).
"""
