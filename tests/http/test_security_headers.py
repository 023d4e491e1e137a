"""Every answer has a strict policy."""

from __future__ import annotations

import pytest

from support.live_server import Server


@pytest.mark.parametrize("path", ["/", "/docs", "/model", "/report", "/nothing", "/static/none", "/predict"])
def test_every_answer_has_a_strict_policy(server: Server, path: str) -> None:
    headers = server.ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy and "http" not in policy
    assert "unsafe-inline" not in policy or (path == "/report" and policy.startswith("sandbox;"))
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "server" not in headers
