"""Prometheus metrics. Labels are routes, methods, statuses and fixed words, never a request's content."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable with the folder in which several workers share counts; set before this module is imported."""

disable_created_metrics()  # type: ignore[no-untyped-call]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The metrics of this process, or of all workers together where they share a folder."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "recurra_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram(
            "recurra_request_seconds",
            "Seconds from a request's first byte to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.running = Gauge(
            "recurra_requests_in_flight", "Requests being answered.", registry=registry, multiprocess_mode="livesum"
        )
        self.queued = Gauge(
            "recurra_queue_requests",
            "Requests that wait for the engine.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.queued_tokens = Gauge(
            "recurra_queue_tokens", "Tokens that wait for the engine.", registry=registry, multiprocess_mode="livesum"
        )
        self.batch_rows = Histogram(
            "recurra_batch_rows", "Texts in a run of the engine.", buckets=_SIZES, registry=registry
        )
        self.batch_requests = Histogram(
            "recurra_batch_requests", "Requests that shared a run of the engine.", buckets=_SIZES, registry=registry
        )
        self.batch_seconds = Histogram(
            "recurra_batch_seconds", "Seconds of a run of the engine.", buckets=_SECONDS, registry=registry
        )
        self.tokens = Counter("recurra_tokens", "Tokens that the engine read.", registry=registry)
        self.slices = Histogram(
            "recurra_turn_seconds",
            "Seconds of a time slice, in which a thread wrote, translated, tagged or listened for one request.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.steps = Counter(
            "recurra_steps",
            "Pieces that were written, texts translated, sentences tagged, pieces of sound heard.",
            registry=registry,
        )
        self.dropped = Counter(
            "recurra_dropped_requests",
            "Requests that were not computed: overloaded, expired or abandoned.",
            ("reason",),
            registry=registry,
        )
        self.reloads = Counter(
            "recurra_model_reloads", "Attempts to load the model again.", ("outcome",), registry=registry
        )
        self.stale = Gauge(
            "recurra_model_stale",
            "1 while the last attempt to load the model again failed.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.streams = Gauge("recurra_streams", "Open streams.", registry=registry, multiprocess_mode="livesum")
        for reason in ("overloaded", "expired", "abandoned"):
            self.dropped.labels(reason)
        for outcome in ("sound", "failed"):
            self.reloads.labels(outcome)
        self.shared = SHARED_FOLDER in os.environ
        if not self.shared:
            ProcessCollector(registry=registry)

    def observe_batch(self, requests: int, rows: int, tokens: int, seconds: float) -> None:
        """Count a run of the engine."""
        self.batch_requests.observe(requests)
        self.batch_rows.observe(rows)
        self.batch_seconds.observe(seconds)
        self.tokens.inc(tokens)

    def observe_slice(self, steps: int, seconds: float) -> None:
        """Count a time slice of one request's computation."""
        self.slices.observe(seconds)
        self.steps.inc(steps)

    def set_queue(self, requests: int, tokens: int) -> None:
        """Set how much waits."""
        self.queued.set(requests)
        self.queued_tokens.set(tokens)

    def count_reload(self, sound: bool) -> None:
        """Count an attempt to load the model again."""
        self.reloads.labels("sound" if sound else "failed").inc()
        self.stale.set(0 if sound else 1)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        if not self.shared:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
