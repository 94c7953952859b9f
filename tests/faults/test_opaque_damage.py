"""Damaged dictionaries, views and run ends: one typed error, or values that can be read; never a crash."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.errors import RrError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.ipc.layout import LayoutCache
from rrtool.reports.values import Formatters
from rrtool.reports.verification import ChunkChecker
from rrtool.transforms.filter_names import Choice, NameGlob
from rrtool.transforms.filter_plan import ColumnPlanner
from rrtool.transforms.filter_rewrite import Broken, Described, Rewriter
from rrtool.transforms.filter_rows import with_rows
from tests.sdk.opaque import TWINS, Twin, chunk
from tests.sdk.strategies import stream_of

STORE = StoreId(StoreKind.RECORDING, "app", "damaged")


@pytest.mark.campaign
@pytest.mark.parametrize("twin", TWINS.values(), ids=list(TWINS))
@given(at=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), deep=st.booleans())
@settings(max_examples=60)
def test_any_changed_byte(twin: Twin, at: float, bits: int, deep: bool) -> None:
    raw = bytearray(stream_of(chunk(twin.odd)))
    raw[int(at * len(raw))] ^= bits
    try:
        laid_out = LayoutCache().read(bytes(raw))
        message = pack_chunk(STORE, b"", bytes(raw), laid_out, laid_out.chunk_id)
    except RrError:
        return
    whole = memoryview(b"".join(message.parts))
    _, problem = ChunkChecker(deep=deep).check(whole, None, 0)
    for component in ("odd", "before"):
        plan = ColumnPlanner(Choice("timeline", [], []), Choice("component", [NameGlob(component)], []))
        made = Rewriter(plan).rewrite(STORE, b"", whole, describes=True)
        assert isinstance(made, (Described, Broken))
        assert problem is not None or isinstance(made, Described)
    try:
        assert len(Formatters().cells(laid_out)[0]) == 4
        assert with_rows(STORE, b"", laid_out, bytes(16), [(0, 1), (2, 3)], why="", reader=ChunkReader())
    except RrError:
        assert problem is not None
