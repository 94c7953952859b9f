"""What the newest known release knows of components: datatypes, and the fields of archetypes.

Datatypes are text, in this grammar:

    type    bool, int8 … int64, uint8 … uint64, float16 … float64, utf8, null
            uint8{1,2,3}                      an enum: no other value is allowed
            list<type>                        fixed_size_list<type>[3]
            struct<name: type, name: type?>   `?`: may be null       dense_union<name: type, …>

They describe one instance; a column of a chunk is a list of instances a row. The tables come from
the real SDK (fixtures/facts.py); `problems` judges a column as the real `verify` does.
"""

from __future__ import annotations

from rrsdk.component.known import RELEASE
from rrsdk.component.tables import ARCHETYPE_FIELDS, COMPONENT_TYPES

__all__ = ["ARCHETYPE_FIELDS", "COMPONENT_TYPES", "RELEASE"]
