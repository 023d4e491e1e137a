"""The frame of every page that Recurra writes to a file: it loads nothing and runs no script."""

from __future__ import annotations

import html

from recurra.report.wording import clean

_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def document(title: str, style: str, body: str) -> str:
    """Return a whole HTML page that any file and any browser can hold.

    title: plain text. style: a style sheet of our own. body: HTML in which user text is escaped already.
    """
    return clean(_DOCUMENT.format(title=html.escape(title), style=style, body=body))
