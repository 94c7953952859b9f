"""The names that stand in Arrow metadata: of batches, columns and manifests."""

from __future__ import annotations

SORBET_VERSION = "0.1.4"
"""The object model that release 0.41 writes, as it stands in `sorbet:version`."""

FIRST_CURRENT_RELEASE = (0, 41)
"""The first release that writes it: chunks that it or a later one made need no migration."""

# of a chunk
ENTITY_KEY, ID_KEY, VERSION_KEY = "rerun:entity_path", "rerun:id", "sorbet:version"
HEAP_SIZE_KEY = "rerun:heap_size_bytes"
"""What a chunk took in the memory of the program that wrote it, which was once put down (before 0.36)."""

# of a column
KIND_KEY, INDEX_NAME_KEY, SORTED_KEY = "rerun:kind", "rerun:index_name", "rerun:is_sorted"
COMPONENT_KEY, ARCHETYPE_KEY, COMPONENT_TYPE_KEY = (
    "rerun:component",
    "rerun:archetype",
    "rerun:component_type",
)

# of a field of a store's schema
IS_STATIC_KEY, IS_EMPTY_KEY = "rerun:is_static", "rerun:is_semantically_empty"
IS_TOMBSTONE_KEY = "rerun:is_tombstone"

# of a manifest's column: the timeline it is about, or STATIC_INDEX
INDEX_KEY, STATIC_INDEX = "rerun:index", "rerun:static"

PROPERTIES = "/__properties"
"""The entity that recording properties live at."""
