"""`recurra serve`: answer over HTTP. Needs the extra `serve`; no training framework."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from recurra.errors import OptionError, RecurraError, installation
from recurra.http.options import ServeOptions
from recurra.terminal.progress import Reporter

NEEDED = ("fastapi", "uvicorn", "httptools", "websockets", "orjson", "prometheus_client")
_BACKLOG = 2048


class LogError(RecurraError):
    """Standard error cannot be written, so that this is to be said on standard output."""


def serve(
    directory: Path,
    options: ServeOptions,
    *,
    on_ready: Callable[[str], None],
    reporter: Reporter | None = None,
) -> None:
    """Serve the model in `directory` until a signal ends it.

    on_ready: called once with the server's address, when it answers.
    Raises OptionError for an address that cannot be used or is not safe without keys, ArtefactError for the model,
    LogError where the log cannot be written from the start.
    """
    _check_installed()
    from recurra.http.access import local_hosts
    from recurra.http.keys import read_keys, readable_by_others
    from recurra.server.process import serve_socket

    reporter = reporter or Reporter()
    try:
        reporter.info(f"Loading {directory}.")
    except OSError as error:
        raise LogError(
            f"The log, which is standard error, cannot be written: {error.strerror}. Free some room, or send it "
            "elsewhere: recurra serve ... 2> FILE"
        ) from None
    if options.api_key_file is not None:
        read_keys(options.api_key_file)
        if readable_by_others(options.api_key_file):
            reporter.info(
                f"Warning: {options.api_key_file} can be read by other users. Change that with: "
                f"chmod 600 {options.api_key_file}"
            )
    listener, local = listen(options)
    hosts = local_hosts(options.allow_host) if local or options.allow_host else None
    address = _address(listener)

    def ready() -> None:
        with suppress(OSError):  # nobody reads the log any more
            reporter.info(f"Serving at {address}. Stop with Ctrl-C.")
        on_ready(address)

    _allow_many_connections()
    with listener:
        if options.workers == 1:
            serve_socket(directory, options, listener, hosts=hosts, on_ready=ready)
        else:
            from recurra.server.supervisor import Supervisor

            Supervisor(directory, options, listener, hosts=hosts, on_ready=ready).run()


def listen(options: ServeOptions) -> tuple[socket.socket, bool]:
    """Return a listening socket, and whether only this machine can reach it.

    Raises OptionError where the address does not exist, is in use, or would be open to all without keys.
    """
    where = f"{options.host}, port {options.port}"
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise OptionError(
            f"--host {options.host!r} is no address of this machine. Give 127.0.0.1 for this machine alone, or 0.0.0.0 "
            "for all its networks."
        ) from None
    local = ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
    if not local and options.api_key_file is None:
        raise OptionError(
            f"--host {options.host} can be reached from other machines, where anyone could use it. Give "
            "--api-key-file FILE with a key (openssl rand -hex 32 makes one), or listen on 127.0.0.1."
        )
    listener = socket.socket(family, kind, number)
    try:
        if os.name == "posix":  # elsewhere this option would let two programs listen at one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise OptionError(
                f"Another program listens on {where}. Choose another --port; 0 takes a free one."
            ) from None
        raise OptionError(f"Cannot listen on {where}: {error.strerror}. Choose another --host or --port.") from None
    listener.set_inheritable(True)
    return listener, local


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _allow_many_connections() -> None:
    """Raise the number of files that this process may open to what the system allows it."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _check_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise OptionError(
            f"Serving needs packages that are not installed ({', '.join(missing)}). {installation('serve')}"
        )
