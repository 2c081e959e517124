"""Numbers for operators, as Prometheus reads them. Nothing here names a person."""

from collections.abc import Callable, Collection, Sequence

from prometheus_client import Counter, Gauge

from corridor.live import wakeup
from corridor.live.events import Logged

EVENTS = Counter("corridor_events", "Events recorded by this process", ["name"])
STREAMS = Gauge("corridor_streams_open", "Pages with an open stream in this process")
DEVICES = Gauge("corridor_devices_open", "Devices of students that are connected to this process")
SIGNS_OF_LIFE = Counter("corridor_signs_of_life", "Messages by which devices said they are there")


def count(
    streams: Callable[[], Collection[object]], devices: Callable[[], Collection[object]]
) -> None:
    """Begin to count: events as they are committed, streams and devices when somebody asks."""
    wakeup.listen(_count_events)
    STREAMS.set_function(lambda: len(streams()))
    DEVICES.set_function(lambda: len(devices()))


def _count_events(_: int, events: Sequence[Logged]) -> None:
    for event in events:
        EVENTS.labels(event.name).inc()
