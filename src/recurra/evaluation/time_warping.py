"""Dynamic time warping: how far apart two series are, each at the pace that fits the other best.

A path leads from the first frames of both series to the last frames of both, and goes on by one frame in either or in
both. A series is compared with many templates at once: all cells with the same sum of places depend on those of the
last two sums alone, and are computed together for all templates. Source: Sakoe and Chiba, 1978, Dynamic programming
algorithm optimization for spoken word recognition.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Lengths = NDArray[np.int64]


def symmetric_distances(series: Floats, templates: Floats, lengths: Lengths) -> Floats:
    """Return the distance per frame [N] of a series [S, D] from each template: [T, N, D], of which `lengths` [N] count.

    That is the least sum of Euclidean distances between frames along a path, where a step in both series counts twice,
    divided by the sum of both lengths (Sakoe and Chiba's symmetric form): series of any lengths can be compared.
    """
    cells = _squared(series, templates)
    np.sqrt(np.maximum(cells, 0, out=cells), out=cells)
    return np.asarray(_least(cells, lengths, 2, None) / (len(series) + lengths), dtype=np.float32)


def squared_distances(series: Floats, templates: Floats, lengths: Lengths, band: int | None = None) -> Floats:
    """Return the sum of squares [N] of a series [S, D] against each template: [T, N, D], of which `lengths` [N] count.

    That is the least sum of squared Euclidean distances between frames along a path, where every step counts once and
    all channels go at one pace: the usual form for 1-nearest-neighbour classification (`dependent` warping in Shokoohi-
    Yekta and others, 2017, Generalizing DTW to the multi-dimensional case requires an adaptive approach).

    band: the most that two places on a path may differ; that of a template of another length is as wide as the lengths
    differ, at least. None: they may differ by any number.
    """
    widths = None if band is None else np.maximum(band, np.abs(lengths - len(series)))
    widest = None if widths is None else int(widths.max())
    return np.maximum(_least(_squared(series, templates, widest), lengths, 1, widths), 0)


def lower_bounds(series: Floats, lowest: Floats, highest: Floats) -> Floats:
    """Return numbers [N] that no `squared_distances` of a series [S, D] is below (Keogh's bound).

    lowest, highest: [S or 1, N, D], between which each template is wherever a path may lead to from a frame: see
    `envelopes`. Source: Keogh and Ratanamahatana, 2005, Exact indexing of dynamic time warping.
    """
    beyond = np.maximum(series[:, None] - highest, lowest - series[:, None])
    np.maximum(beyond, 0, out=beyond)
    return np.asarray(np.einsum("snd,snd->n", beyond, beyond), dtype=np.float32)


def envelopes(templates: Floats, lengths: Lengths, band: int | None) -> tuple[Floats, Floats]:
    """Return the least and the largest values of templates [T, N, D], of which `lengths` [N] count, near each place.

    Near are places that differ by `band` at most: [T + band, N, D]; any place without a band: [1, N, D].
    """
    time, count, width = templates.shape
    within = (np.arange(time)[:, None] < lengths)[..., None]
    low, high = np.where(within, templates, np.inf), np.where(within, templates, -np.inf)
    if band is None:
        return low.min(axis=0, keepdims=True), high.max(axis=0, keepdims=True)
    lowest = np.full((time + band, count, width), np.inf, dtype=np.float32)
    highest = -lowest
    for shift in range(max(-band, 1 - time), band + 1):
        here, there = slice(max(0, shift), time + shift), slice(max(0, -shift), time)
        np.minimum(lowest[here], low[there], out=lowest[here])
        np.maximum(highest[here], high[there], out=highest[here])
    return lowest, highest


def _squared(series: Floats, templates: Floats, width: int | None = None) -> Floats:
    """Return the squared distances [S, T, N] of all frames of a series [S, D] from those of templates [T, N, D].

    width: the most that places differ of which the distance is needed; others may hold anything.
    """
    (frames, _), (time, count, channels) = series.shape, templates.shape
    flat = templates.reshape(-1, channels)
    norms, others = np.einsum("sd,sd->s", series, series), np.einsum("td,td->t", flat, flat)
    left = np.column_stack([-2 * series, norms, np.ones_like(norms)])
    right = np.column_stack([flat, np.ones_like(others), others])
    if width is None or 3 * width >= time:
        return np.asarray((left @ right.T).reshape(frames, time, count))  # a pass over all cells costs as much as it
    cells = np.empty((frames, time * count), dtype=np.float32)
    for first in range(0, frames, width + 1):
        rows = slice(first, min(first + width + 1, frames))
        columns = slice(max(0, first - width) * count, min(time, rows.stop + width) * count)
        cells[rows, columns] = left[rows] @ right[columns].T
    return cells.reshape(frames, time, count)


def _least(cells: Floats, lengths: Lengths, both: int, widths: Lengths | None) -> Floats:
    """Return the least sums [N] along a path. cells: [S, T, N], the costs of frames.

    both: how often a step in both series counts, 1 or 2. widths: [N], the most that places s and t of a path differ.
    """
    frames, time, count = cells.shape
    flat = cells.reshape(frames * time, count)  # row s * T + t
    widest = frames + time if widths is None else int(widths.max())
    narrower = widths is not None and bool((widths < widest).any())
    found = np.empty(count, dtype=np.float32)
    now, last, before = (np.full((frames + 2, count), np.inf, dtype=np.float32) for _ in range(3))  # row s + 1
    before[0] = 0
    for place in range(frames + int(lengths.max()) - 1):
        low = max(0, place - time + 1, (place - widest + 1) // 2)
        high = min(place, frames - 1, (place + widest) // 2)
        here = flat[low * time + place - low : high * time + place - high + 1 : time - 1 or 1][: high - low + 1]
        best, diagonal = now[low + 1 : high + 2], before[low : high + 1]
        np.minimum(last[low : high + 1], last[low + 1 : high + 2], out=best)
        np.minimum(best, diagonal if both == 1 else diagonal + here, out=best)
        best += here
        if narrower:
            apart = np.abs(2 * np.arange(low, high + 1) - place)
            best[apart[:, None] > widths] = np.inf
        now[low] = now[high + 2] = np.inf  # nothing beyond is read before it is written again
        if high == frames - 1 and len(best):
            ended = lengths == place - high + 1
            found[ended] = best[-1, ended]
        now, last, before = before, now, last
    return found
