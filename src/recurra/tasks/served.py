"""What the server can do, by the task of the model it serves."""

from __future__ import annotations

from recurra.http.errors import HTTPError
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


def nowhere(path: str, task: ServedTask) -> HTTPError:
    """Return the error 404 of an address at which a model of `task` has no answer."""
    others = [other.name for other in TASKS.values() if path in other.work and other is not task]
    if others:
        what = f"{path} is answered by a model of the task {' or '.join(others)}."
        return HTTPError(404, "other_task", f"{what} {task.offer}")
    return HTTPError(404, "none", f"There is nothing here. {task.offer} /docs lists what there is.")
