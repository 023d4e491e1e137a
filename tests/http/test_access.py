"""Access control: keys, hosts, origins, headers; and what may be served to whom."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from recurra.cli.app import app
from recurra.http.access import host_name, same_site
from recurra.http.keys import Keys
from support.live_server import Server, ended_well, start_server

KEY = "0123456789abcdef-first"
OTHER = "fedcba9876543210-other"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys"
    path.write_text(f"# of the first application\n{KEY}\n\n{OTHER}\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def guarded(forward: Path, key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(
        forward, tmp_path_factory.mktemp("guarded") / "errors", "--host", "0.0.0.0", "--api-key-file", str(key_file)
    )
    running.host = "127.0.0.1"
    yield running
    ended_well(running)
    assert KEY not in running.log() and OTHER not in running.log()


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"X-API-Key": KEY[:-1]}, {"Authorization": f"Basic {KEY}"}]
)
def test_everything_but_health_and_the_empty_page_needs_a_key(guarded: Server, headers: dict[str, str]) -> None:
    for method, path in (
        *(("GET", path) for path in ("/model", "/metrics", "/report", "/docs", "/openapi.json", "/v2", "/nothing")),
        *(("POST", path) for path in ("/predict", "/explain", "/score", "/v2/models/forward/infer")),
    ):
        answer = guarded.ask(method, path, {} if method == "POST" else None, headers)
        assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer", path
    for path in ("/v2/health/live", "/v2/health/ready", "/"):
        assert guarded.ask("GET", path, headers=headers).status == 200


def test_a_key_opens_in_either_header_and_any_of_the_file_does(guarded: Server) -> None:
    for headers in (BEARER, {"X-API-Key": KEY}, {"authorization": f"bearer {OTHER}"}):
        assert guarded.predict("w1", headers=headers).status == 200
        assert guarded.ask("GET", "/model", headers=headers).status == 200


def test_a_ticket_opens_the_report_alone(guarded: Server) -> None:
    url = guarded.ask("GET", "/report/ticket", headers=BEARER).json["url"]
    assert guarded.ask("GET", url).status == 200
    query = url.partition("?")[2]
    assert guarded.ask("GET", f"/model?{query}").status == 401
    assert guarded.ask("GET", url[:-1] + ("0" if url[-1] != "0" else "1")).status == 401
    assert guarded.ask("GET", "/report?ticket=").status == 401
    assert guarded.ask("GET", "/report?ticket=zz.zz").status == 401
    assert "ticket=" not in guarded.log()


def test_a_ticket_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys([KEY])
    ticket = keys.ticket("/report")
    assert keys.accept_ticket("/report", ticket)
    monkeypatch.setattr("recurra.http.keys.time.time", lambda: 9e9)
    assert not keys.accept_ticket("/report", ticket)


def test_a_stream_takes_the_key_as_a_subprotocol(guarded: Server) -> None:
    address = f"ws://{guarded.host}:{guarded.port}/stream"
    coded = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    with connect(address, subprotocols=["recurra", f"recurra.key.{coded}"]) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "recurra"
    with connect(address, additional_headers=BEARER):
        pass
    for subprotocols in (None, ["recurra"], ["recurra", "recurra.key.AAAA"], ["recurra", "recurra.key.%"]):
        with pytest.raises(InvalidStatus) as refused:
            connect(address, subprotocols=subprotocols)  # type: ignore[arg-type]
        assert refused.value.response.status_code in (400, 401)


def test_with_a_key_any_host_name_is_accepted(guarded: Server) -> None:
    assert guarded.predict("w1", headers={**BEARER, "Host": "reviews.example"}).status == 200


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:8000", "127.0.0.1.attacker.example", ""])
def test_on_this_machine_other_names_are_refused(server: Server, host: str) -> None:
    for answer in (
        server.predict("w1", headers={"Host": host}),
        server.ask("GET", "/model", headers={"Host": host}),
    ):
        assert answer.status == 421 and answer.json["error"]["code"] == "host"


def test_the_names_of_this_machine_are_answered(server: Server) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8000", "[::1]"):
        assert server.predict("w1", headers={"Host": host}).status == 200


@pytest.mark.parametrize("origin", ["null", "http://attacker.example", "http://127.0.0.1", "http://localhost:1", "x"])
def test_other_sites_pages_are_refused(server: Server, origin: str) -> None:
    assert server.predict("w1", headers={"Origin": origin}).status == 403
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{server.host}:{server.port}/stream", origin=origin)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


def test_its_own_page_is_answered(server: Server) -> None:
    assert server.predict("w1", headers={"Origin": server.address}).status == 200


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://a.example", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("http://A.example:80", "a.example", True),
        ("http://a.example:8000", "a.example:8000", True),
        ("http://a.example:8000", "a.example", False),
        ("http://a.example.evil", "a.example", False),
        ("file://", "", False),
        ("http://[", "[", False),
        ("http://user@a.example", "a.example", False),
    ],
)
def test_same_site(origin: str, host: str, same: bool) -> None:
    assert same_site(origin, host) is same


def test_host_name() -> None:
    assert [host_name(h) for h in ("A.b:1", "[::1]:2", "::1", "a", "[::1]", "A:")] == [
        "a.b",
        "::1",
        "::1",
        "a",
        "::1",
        "a",
    ]


@pytest.mark.parametrize(
    "host",
    [
        "[::1].evil",
        "[::1].evil:80",
        "[::1]x",
        "[::1",
        "::1]",
        "[localhost]",
        "[127.0.0.1]",
        "localhost:x",
        "a:1:2",
        "[]",
        ":80",
        "[::1%25lo]x",
    ],
)
def test_what_is_no_host_has_no_name(server: Server, host: str) -> None:
    assert host_name(host) == ""
    assert server.ask("GET", "/v2/health/live", headers={"Host": host}).status == 421


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_without_a_key_only_this_machine_is_listened_to(both_ways: Path, host: str) -> None:
    result = CliRunner().invoke(app(), ["serve", str(both_ways), "--host", host, "--port", "0"])
    assert result.exit_code == 2 and "--api-key-file" in result.stderr
