"""The engines, one file each: `PACKAGES`, `set_up(threads)` and `prepare(task, inputs, threads)`; see `worker.Engine`.

A file imports its framework in `set_up` or below, because the environments have different packages. To add an engine:
a file here, a line in `driver.ENGINES`, its tasks in `parts/`.
"""
