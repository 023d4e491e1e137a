"""An example of a task in a folder of its own: how many vowels a text has, as a regression.

`docs/how-to/add-a-task.md` leads through it; `tests/contracts/test_sixth_task.py` registers it by one line and runs the
real commands on it.
"""
