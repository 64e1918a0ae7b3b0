"""Numbers for Prometheus: what this process served, and how the company's devices and database are."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kamdesk.headoffice import health
from kamdesk.headoffice.store import Store
from kamdesk.sync.protocol import Result, SyncResponse

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_KEPT_FOR = 15.0


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "kamdesk_requests", "Requests by route, status and what was told: ok or a problem's code",
            ("route", "status", "code"), registry=self.registry,
        )  # fmt: skip
        self._bytes = Counter(
            "kamdesk_bytes", "Bytes of bodies as they travelled, by route and direction",
            ("route", "direction"), registry=self.registry,
        )  # fmt: skip
        self._mismatches = Counter(
            "kamdesk_digest_mismatches", "Buckets that a device found to differ and asked the records of",
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "kamdesk_request_seconds", "Time of requests, long polls apart", ("route",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._commits = Counter(
            "kamdesk_commits", "Commits of this process", registry=self.registry
        )
        self._rows = Counter(
            "kamdesk_feed_rows", "Records told to devices", ("how",), registry=self.registry
        )
        self._verdicts = Counter(
            "kamdesk_verdicts", "Verdicts on changes of devices", ("verdict", "code"),
            registry=self.registry,
        )  # fmt: skip
        self.registry.register(_State(store))
        store.listeners.append(self._committed)

    def _committed(self, _seq: int) -> None:
        self._commits.inc()

    def request(
        self, route: str, status: int, code: str, seconds: float, *, came: int, went: int
    ) -> None:
        """Count one request; `came` and `went`: the bytes of its bodies."""
        self._requests.labels(route, str(status), code).inc()
        self._bytes.labels(route, "in").inc(came)
        self._bytes.labels(route, "out").inc(went)
        if route != "/v1/head":
            self._seconds.labels(route).observe(seconds)

    def answered(self, answer: SyncResponse) -> None:
        """Count what one reconciliation brought either way."""
        if answer.delta is not None:
            self._rows.labels("delta").inc(sum(page.n for page in answer.delta.pages))
        self._rows.labels("load").inc(sum(page.n for page in answer.load_pages))
        self.verdicts(answer.results)

    def mismatch(self) -> None:
        """Count a difference that a device found."""
        self._mismatches.inc()

    def verdicts(self, results: Iterable[Result]) -> None:
        """Count verdicts by what they say."""
        for one in results:
            self._verdicts.labels(one.st, one.code).inc()

    def serve(self, port: int, host: str) -> None:
        """Answer Prometheus on a port of its own, from a thread of its own. Raises OSError."""
        start_http_server(port, addr=host, registry=self.registry)


class _State(Collector):
    """What is asked of the database, at most every few seconds however often Prometheus comes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._at = 0.0
        self._kept: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        """Give the present state."""
        with self._lock:
            if not self._kept or time.monotonic() - self._at > _KEPT_FOR:
                self._kept = list(self._look())
                self._at = time.monotonic()
        yield from self._kept
        yield from self._pool()

    def _look(self) -> Iterator[Metric]:
        state = health.state(self._store)
        yield _family(
            "kamdesk_devices", "Devices by their last contact", "last_contact", state.devices
        )
        yield _family(
            "kamdesk_sync_issues", "Refusals that devices have not fetched yet, by code", "code",
            state.issues,
        )  # fmt: skip
        single = (
            ("kamdesk_dead_letters", "Changes that met a bug", state.dead_letters),
            (
                "kamdesk_queue_age_seconds",
                "Age of the oldest verdict not fetched",
                state.oldest_verdict,
            ),
            ("kamdesk_head", "Number of the newest commit", state.head),
            ("kamdesk_commits_last_hour", "Commits within the last hour", state.commits_last_hour),
            ("kamdesk_database_bytes", "Size of the database", state.database_bytes),
        )
        for name, text, value in single:
            yield GaugeMetricFamily(name, text, value=float(value))

    def _pool(self) -> Iterator[Metric]:
        pool: Any = self._store.engine.pool
        yield _family(
            "kamdesk_database_pool", "Connections to the database", "state",
            {"in_use": pool.checkedout(), "idle": pool.checkedin()},
        )  # fmt: skip


def _family(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
