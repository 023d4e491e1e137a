"""Options of `recurra serve`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from recurra.options.base import Options


class ServeOptions(Options):
    """The address, the access control and the limits of a server."""

    host: str = Field("127.0.0.1", description="Address to listen on. Beyond this machine, --api-key-file is needed.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    api_key_file: Path | None = Field(
        None,
        description="File with the accepted API keys, one a line. Without one, no key is needed on this machine.",
    )
    allow_host: str | None = Field(
        None, description="Further host names of a server on this machine, separated by commas."
    )
    name: str | None = Field(None, description="Name of the model in answers (default: that of its directory).")
    workers: int = Field(1, ge=1, le=256, description="Processes that share the port.")
    threads: int | None = Field(
        None, ge=1, le=1024, description="Batches that a process computes at once (default: its share of the cores)."
    )
    max_queue: int = Field(
        96, ge=1, le=1_000_000, description="Most requests that a process works on at once; further ones are rejected."
    )
    max_queue_tokens: int = Field(500_000, ge=1, description="Most tokens that wait in a process.")
    max_body: int = Field(2**20, ge=1, description="Most bytes in the body of a request.")
    max_upload: int = Field(100 * 2**20, ge=1, description="Most bytes in a recording, or in a CSV file to score.")
    max_seconds: float = Field(
        600.0, gt=0, le=86_400, description="Most seconds of sound in a recording, or in a stream of it."
    )
    max_steps: int = Field(20_000, ge=1, description="Most steps in a series of numbers.")
    max_inputs: int = Field(256, ge=1, description="Most texts, or series, in a request.")
    max_characters: int = Field(100_000, ge=1, description="Most characters in a text.")
    max_written: int = Field(
        2000,
        ge=1,
        description="Most characters, words or subwords that a model of the task generate writes in a request.",
    )
    max_streams: int = Field(64, ge=1, description="Most open streams in a process.")
    timeout: float = Field(10.0, gt=0, le=3600, description="Seconds after which a request times out.")
    idle: float = Field(60.0, gt=0, le=86_400, description="Seconds without a message after which a stream is closed.")
    drain: float = Field(
        30.0, ge=0, le=3600, description="Most seconds to finish accepted requests when the server is stopped."
    )
    access_log: bool = Field(True, description="Whether each request is logged: route, status and time, never text.")
