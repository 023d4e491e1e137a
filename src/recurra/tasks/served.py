"""What the server can do, by the task of the model it serves."""

from __future__ import annotations

from recurra.http.served_task import ServedTask
from recurra.tasks.chat import http as chat
from recurra.tasks.classify.http import served as classify
from recurra.tasks.generate import http as generate
from recurra.tasks.tag import http as tag
from recurra.tasks.translate import http as translate

TASKS: dict[str, ServedTask] = {
    "classify": classify.TASK,
    "generate": generate.TASK,
    "tag": tag.TASK,
    "translate": translate.TASK,
    "chat": chat.TASK,
}
"""To add one: a file beside this one, a line here, and its page in `page/`."""
