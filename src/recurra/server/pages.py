"""What is served besides predictions: the page and its files, report, model summary, metrics, documentation."""

from __future__ import annotations

import hashlib
import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from recurra.http import metrics
from recurra.http.access import REPORT
from recurra.http.errors import HTTPError
from recurra.http.schemas import error_schemas
from recurra.http.served_task import ServedTask
from recurra.http.service import Service

SHELL = Path(__file__).parent / "page"
"""The files that the pages of all tasks share. A task's own lie in its `folder`."""

PANELS, WHOLE = "page.html", "index.html"
HTML = "text/html; charset=utf-8"
STATIC_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
"""The static files that are served, by suffix, and their types."""

REPORT_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""The report is one file with its styles and pictures inside and runs no scripts."""


@dataclass(frozen=True)
class _File:
    content: bytes
    kind: str
    etag: str


def router(service: Service, task: ServedTask, app: FastAPI) -> APIRouter:
    """Return the routes. task: of the model, whose page it is. app: whose interface `/docs` describes."""
    routes = APIRouter()
    files = _static_files(task)
    page_file = _file(page_of(task).encode(), HTML)

    @routes.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request) -> Response:
        return _send(request, page_file)

    @routes.api_route("/static/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    async def static(name: str, request: Request) -> Response:
        if name not in files:
            raise HTTPError(404, "none", "There is no such file.")
        return _send(request, files[name])

    @routes.get("/model", responses=error_schemas(), summary="What the model is", operation_id="model_model_get")
    async def model_summary() -> Response:
        model = service.current_model()
        options = service.options
        limits = {
            "max_inputs": options.max_inputs,
            "max_characters": options.max_characters,
            "max_body": options.max_body,
            "max_upload": options.max_upload,
            "max_seconds": options.max_seconds,
            "max_steps": options.max_steps,
            "max_written": options.max_written,
        }
        value = {
            "name": service.name,
            **model.summary,
            **task.facts(model.model),
            "answers": dict(task.routes),
            "loading": service.reloader.state(),
            "limits": limits,
        }
        return Response(orjson.dumps(value), media_type="application/json")

    @routes.get(
        "/metrics",
        responses={200: _of("text/plain"), **error_schemas()},
        summary="Metrics for Prometheus",
        operation_id="figures_metrics_get",
    )
    async def prometheus() -> Response:
        requests, tokens = service.backend.queue()
        service.metrics.set_queue(requests + service.scheduler.waiting, tokens)
        service.metrics.running.set(service.in_flight)
        content = await service.run_in_thread(service.metrics.text)
        return Response(content, headers={"content-type": metrics.CONTENT_TYPE})

    @routes.get(REPORT, responses={200: _of("text/html"), **error_schemas(404)}, summary="The training report")
    async def report() -> Response:
        model = service.current_model()
        if model.report is None:
            raise HTTPError(404, "no_report", "This model has no report.")
        return Response(model.report, headers={"content-security-policy": REPORT_POLICY}, media_type="text/html")

    @routes.get("/report/ticket", responses=error_schemas(), summary="An address of the report for a frame")
    async def ticket() -> Response:
        address = REPORT if service.keys is None else f"{REPORT}?ticket={service.keys.ticket(REPORT)}"
        return Response(orjson.dumps({"url": address}), media_type="application/json")

    @routes.get("/openapi.json", include_in_schema=False)
    async def interface() -> Response:
        return Response(json.dumps(app.openapi()), media_type="application/json")

    @routes.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        return _send(request, _file(documentation(app.openapi()).encode(), HTML))

    return routes


def _of(kind: str) -> dict[str, Any]:
    return {"description": "The content.", "content": {kind: {"schema": {"type": "string"}}}}


def _static_files(task: ServedTask) -> dict[str, _File]:
    """Return the styles and scripts that all pages share, and those of the task."""
    paths = [path for folder in (SHELL, task.folder) for path in sorted(folder.iterdir())]
    return {
        path.name: _file(path.read_bytes(), STATIC_TYPES[path.suffix]) for path in paths if path.suffix in STATIC_TYPES
    }


def page_of(task: ServedTask) -> str:
    """Return the page of a task: the shell with the task's tabs and panels, and the parts that comments name."""
    parts = {
        "<!-- tabs -->": "\n".join(_tab(name, title, not index) for index, (name, title) in enumerate(task.tabs)),
        "<!-- panels -->": (task.folder / PANELS).read_text(encoding="utf-8"),
        **{f"<!-- {path.stem} -->": path.read_text(encoding="utf-8") for path in SHELL.glob("*.html")},
    }
    page = (SHELL / WHOLE).read_text(encoding="utf-8")
    for placeholder, part in parts.items():
        page = page.replace(placeholder, part)
    return page


def _tab(name: str, title: str, selected: bool) -> str:
    state = 'aria-selected="true"' if selected else 'aria-selected="false" tabindex="-1"'
    return f'    <button role="tab" type="button" id="tab-{name}" aria-controls="{name}" {state}>{title}</button>'


def _file(content: bytes, kind: str) -> _File:
    return _File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _send(request: Request, file: _File) -> Response:
    """Return the file, or 304 where the client has it already."""
    headers = {"etag": file.etag, "cache-control": "no-cache", "content-type": file.kind}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if file.etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers)


def documentation(interface: dict[str, Any]) -> str:
    """Return OpenAPI's description as a page without scripts."""
    parts = [f"<h1>{_text(interface['info']['title'])}</h1>", f"<p>{_text(interface['info']['description'])}</p>"]
    parts.append('<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>')
    for path, methods in interface["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{_text(method.upper())} {_text(path)}</code></h2>")
            parts.append(f"<p>{_text(operation.get('summary', ''))}</p>")
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                schema = json.dumps(content["schema"], indent=1)
                parts.append(f"<h3>Body: {_text(kind)}</h3><pre>{_text(schema)}</pre>")
            rows = "".join(
                f"<tr><td>{_text(status)}</td><td>{_text(answer['description'])}</td></tr>"
                for status, answer in operation["responses"].items()
            )
            parts.append(f"<h3>Answers</h3><table>{rows}</table>")
    parts.append("<h1>Schemas</h1>")
    for name, schema in interface.get("components", {}).get("schemas", {}).items():
        parts.append(f"<h2>{_text(name)}</h2><pre>{_text(json.dumps(schema, indent=1))}</pre>")
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Recurra: interface</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _text(value: object) -> str:
    return html.escape(str(value))
