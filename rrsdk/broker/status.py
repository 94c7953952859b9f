"""What a broker says of itself: a map of numbers and names, the same for words, programs and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.codec.envelope import MAX_U64, VERSION
from rrsdk.store.entry import Lifetime, Tally

if TYPE_CHECKING:
    from rrsdk.broker.audience import Audience, Seat
    from rrsdk.broker.intake import Intake
    from rrsdk.broker.producer import Producer
    from rrsdk.store.message_log import MessageLog


MOST_PRODUCERS = 500
"""So many are described, those that are here first: what is said is one word, and its length has a limit."""


def tallied(tally: Tally) -> dict[str, int]:
    """A tally with its names. What producers declare may add up to more than a word can say."""
    messages, rows, size = (min(count, MAX_U64) for count in tally)
    return {"messages": messages, "rows": rows, "bytes": size}


class Rates:
    """How much each producer sends a second, over the time between two ticks."""

    def __init__(self) -> None:
        self._then = 0.0
        self._last: dict[bytes, Tally] = {}
        self.of: dict[bytes, tuple[float, float, float]] = {}
        """Messages, rows and bytes a second; those that send nothing are left out."""

    def tick(self, producers: dict[bytes, Producer], now: float) -> None:
        """Look at the counters."""
        seconds = max(now - self._then, 1e-3)
        last, self._then = self._last, now
        self._last = {key: producer.stored for key, producer in producers.items()}
        rates: dict[bytes, tuple[float, float, float]] = {}
        for key, stored in self._last.items():
            before = last.get(key)
            if before is not None and before is not stored:
                messages, rows, size = stored.minus(before)
                rates[key] = messages / seconds, rows / seconds, size / seconds
        self.of = rates


def status(
    store: MessageLog,
    intake: Intake,
    audience: Audience,
    rates: Rates,
    *,
    now: float,
    resident: int = 0,
    **about: Any,
) -> dict[str, Any]:
    """All of it; `about` is what the service knows, `resident` what the process has of the system."""
    producers = list(intake.producers.values())
    total = (
        sum((each[1] for each in rates.of.values()), 0.0),
        sum((each[2] for each in rates.of.values()), 0.0),
    )
    stored, dropped = intake.stored_of_forgotten, intake.dropped_of_forgotten
    for producer in producers:
        stored += producer.stored
        dropped += producer.dropped
    latest = sorted(producers, key=lambda each: (not each.is_here, -each.last_seen))[:MOST_PRODUCERS]
    return {
        "v": VERSION,
        "program": "rrkit",
        **about,
        "epoch": intake.epoch,
        "memory": {
            "used": store.used_bytes,
            "peak": store.peak_bytes,
            "limit": store.limit_bytes,
            "unwritten": store.unwritten_bytes,
            "blocks": audience.block_bytes,
            "resident": resident,
        },
        "held": {each.name.lower(): tallied(store.shelves[each].held) for each in Lifetime},
        "on_disk": {each.name.lower(): tallied(store.on_disk[each]) for each in Lifetime},
        "evicted": tallied(store.evicted),
        "stored": tallied(stored),
        "dropped": tallied(dropped),
        "refused": intake.refused_of_forgotten + sum(producer.refused for producer in producers),
        "repeats": sum(producer.repeats for producer in producers),
        "strays": intake.strays,
        "garbage": intake.garbage,
        "rows_per_s": round(total[0], 1),
        "bytes_per_s": round(total[1], 1),
        "credit": intake.credit,
        "max_message": intake.limits.max_message,
        "producers_forgotten": intake.forgotten,
        "producers_left_out": len(producers) - len(latest),
        "producers": [_producer(each, rates, now) for each in latest],
        "subscribers": [_subscriber(seat, now) for seat in audience.seats.values()],
        "subscribers_vanished": audience.vanished,
    }


def _producer(producer: Producer, rates: Rates, now: float) -> dict[str, Any]:
    messages, rows, size = rates.of.get(producer.key, (0.0, 0.0, 0.0))
    return {
        "id": producer.key.hex(),
        "name": producer.name,
        "pid": producer.pid,
        "host": producer.host,
        "policy": producer.policy,
        "state": producer.state,
        "link": producer.link,
        "held": producer.held,
        "before": producer.before,
        "stored": tallied(producer.stored),
        "dropped": tallied(producer.dropped),
        "refused": producer.refused,
        "lost": producer.lost,
        "reasons": list(producer.reasons),
        "notes": producer.notes[-2:],
        "repeats": producer.repeats,
        "stale": producer.stale,
        "gaps": producer.gaps,
        "lost_rows": producer.lost_rows,
        "messages_per_s": round(messages, 1),
        "rows_per_s": round(rows, 1),
        "bytes_per_s": round(size, 1),
        "seen_s_ago": round(max(0.0, now - producer.last_seen), 3),
    }


def _subscriber(seat: Seat, now: float) -> dict[str, Any]:
    replay = seat.replay
    return {
        "id": seat.key[1:].hex(),
        "phase": "live" if replay.is_live else "past",
        "sent": tallied(replay.sent),
        "missed": tallied(replay.missed),
        "backlog": replay.backlog(),
        "outstanding_bytes": replay.sent_bytes - replay.consumed_bytes,
        "credit": seat.credit,
        "since_s": round(max(0.0, now - seat.since), 3),
    }
