"""Shares of names: nobody gets more than half of what the others leave, and what is gone makes room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rrsdk.broker.admission import Admission
from rrsdk.broker.shares import Shares
from rrsdk.codec.envelope import Kind
from rrsdk.errors import FormatError
from rrsdk.store.message_log import MessageLog
from tests.sdk.raw_pipe import chunk

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("name"), st.integers(0, 2), st.integers(0, 40)),
        st.tuples(st.just("release"), st.integers(0, 60), st.integers(0, 60)),
        st.tuples(st.just("forget"), st.integers(0, 2), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 20))
def test_nobody_gets_more_than_half_of_what_others_leave(
    steps: list[tuple[str, int, int]], most: int
) -> None:
    shares, model = Shares(most), dict[int, tuple[int | None, int]]()
    for at, (step, one, other) in enumerate(steps):
        if step == "forget":
            shares.forget(one)
            model = {name: (None if owner == one else owner, seen) for name, (owner, seen) in model.items()}
        elif step == "release":
            gone = shares.release((0, 0, one))
            assert set(gone) == {name for name, (_, seen) in model.items() if seen < one}
            model = {name: said for name, said in model.items() if said[1] >= one}
        elif shares.touch(other, at, 2):
            model[other] = model[other][0], at
        else:
            mine = sum(owner == one for owner, _ in model.values())
            has_room = mine < (most - (len(model) - mine) + 1) // 2
            assert shares.admit(one, other, at, 2) == has_room
            if has_room:
                model[other] = one, at
        assert len(shares) == len(model) <= most


def test_entities_that_were_evicted_make_room_for_others() -> None:
    log = MessageLog(limit_bytes=1 << 20)
    admission = Admission(log, most_entities=20)
    arrivals = admission.arrivals("test", "me")

    def take(name: str) -> bool:
        payload = chunk(1, entity=name)
        try:
            lifetime, store, rows, size, parts = admission.admit(
                arrivals, Kind.CHUNK, [payload], len(payload)
            )
        except FormatError:
            return False
        log.append(Kind.CHUNK, lifetime, store, b"k" * 16, 1, rows, size, parts)
        return True

    taken = [name for name in map(str, range(40)) if take(f"/{name}")]
    assert len(taken) == 10
    admission.tidy()
    assert not take("/one-more")
    used = log.used_bytes
    for _ in range(3):
        assert take("/3")
    log.let_go(before_at=10)
    admission.tidy()
    assert log.used_bytes < used
    assert sum(take(f"/more/{number}") for number in range(40)) == 9
    assert take("/3")
