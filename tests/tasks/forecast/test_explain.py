"""A forecast is explained by parts that add up to it, and by what the network says when something is hidden."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.errors import DataError, OptionError
from recurra.tasks.forecast.anchor import anchored
from recurra.tasks.forecast.explain import MOST_PIECES, check_target, explain, explain_in_steps, plain
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import Covariates
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.windows import Window, window
from support.forecast import made, waves


def with_covariates() -> tuple[ForecastModel, History]:
    """Return a model of two past, two future and two static covariates, and a history that has them."""
    rng, model, steps = np.random.default_rng(0), made(past=2, future=2, static=2), 30
    named = {
        kind: Covariates(names=[f"{kind} 0", f"{kind} 1"], means=[0.5, -1.0], deviations=[2.0, 0.5])
        for kind in ("past", "future", "static")
    }
    model.inputs = model.inputs.model_copy(update=named)
    values = waves(steps)
    values[[4, 22]] = np.nan
    return model, History(
        values, "all", rng.normal(size=(steps, 2)), rng.normal(size=(steps + 5, 2)), rng.normal(size=2)
    )


def middle_of(model: ForecastModel, history: History, read: Window) -> NDArray[np.float64]:
    """Return the forecast [H] if the network read a window, by the formula that the model's docs give."""
    anchor = anchored(history.values, model.inputs.season, model.shape.horizon)
    (errors,) = model.engine(read.frames[None], read.known[None])
    return np.asarray(anchor.middle[-1] + anchor.spread[-1] * model.inputs.share_of(history) * errors[:, 1])


@pytest.mark.parametrize("length", [3, 8, 13, 40, 90])
@pytest.mark.parametrize("name", ["none", "all", None])
@pytest.mark.parametrize("horizon", [None, 2])
def test_the_parts_of_every_step_add_up_to_its_forecast(length: int, name: str | None, horizon: int | None) -> None:
    model, history = made(), History(waves(length, seed=length), name)
    found = explain(model, history, horizon)
    (expected,) = model.predict([history], horizon)
    np.testing.assert_allclose(found.quantiles, expected, rtol=1e-9)
    np.testing.assert_allclose(found.smoothing + found.network, expected[:, 1], rtol=1e-9)
    anchor = anchored(history.values, 6, 5).middle[-1]
    np.testing.assert_allclose(found.smoothing, anchor[:horizon], rtol=1e-9)
    assert (np.abs(found.network) > 1e-4).all() == (name != "none") == bool(found.share)
    assert len(found.times) == len(found.network) == (horizon or 5)
    for aspect in ("trend", "season", "scale", "level"):
        own = [one for one in found.weights if one.aspect == aspect]
        mean = sum(one.weight * one.forecast for one in own if one.forecast is not None)
        np.testing.assert_allclose(mean, found.smoothing, rtol=1e-9)


def test_a_piece_contributes_what_its_absence_changes() -> None:
    model, history = with_covariates()
    shape, steps = model.shape, len(history)
    found = explain(model, history)
    anchor = anchored(history.values, 6, shape.horizon)
    whole = window(anchor, history, steps - 1, model.inputs, shape)
    expected = middle_of(model, history, whole)
    np.testing.assert_allclose(found.quantiles[:, 1], expected, rtol=1e-6)
    assert found.pieces.tolist() == [[18, 21], [21, 24], [24, 27], [27, 30]]
    for place, (start, end) in enumerate(found.pieces.tolist()):
        frames = whole.frames.copy()
        for step in range(start, end):
            row = step - (steps - shape.steps)
            segment, within = divmod(row, shape.segment)
            for channel in range(3):  # value, error and mark; the covariates of the step stay
                frames[segment, within * shape.channels + channel] = 0
        fall = expected - middle_of(model, history, Window(frames, whole.known))
        np.testing.assert_allclose(found.piece_falls[place], fall, atol=1e-4)
    assert (np.abs(found.piece_falls) > 1e-3).any(axis=1).all()


def test_a_covariate_contributes_what_its_mean_would_change() -> None:
    model, history = with_covariates()
    assert history.past is not None and history.future is not None and history.static is not None
    found = explain(model, history)
    assert found.covariates == [(kind, f"{kind} {n}") for kind in ("past", "future", "static") for n in range(2)]
    for place, (kind, name) in enumerate(found.covariates):
        column = int(name[-1])
        values = np.array(getattr(history, kind))
        values[..., column] = (0.5, -1.0)[column]
        (other,) = model.predict([replace(history, **{kind: values})])
        np.testing.assert_allclose(found.covariate_falls[place], found.quantiles[:, 1] - other[:, 1], atol=1e-4)
    assert (np.abs(found.covariate_falls) > 1e-3).any(axis=1).all()


@pytest.mark.parametrize(("length", "pieces"), [(3, [[0, 3]]), (7, [[0, 1], [1, 4], [4, 7]]), (12, 4), (50, 4)])
def test_pieces_are_the_segments_that_hold_steps(length: int, pieces: int | list[list[int]]) -> None:
    found = explain(made(), waves(length)).pieces.tolist()
    expected = [[length - 12 + 3 * n, length - 9 + 3 * n] for n in range(4)] if isinstance(pieces, int) else pieces
    assert found == expected


def test_of_many_segments_several_are_hidden_together() -> None:
    model = made(segments=3 * MOST_PIECES, segment=2)
    history = History(waves(350), "all")
    found = explain(model, history)
    assert len(found.pieces) == MOST_PIECES and found.pieces[0, 0] == 0 and found.pieces[-1, 1] == 350
    np.testing.assert_array_equal(found.pieces[1:, 0], found.pieces[:-1, 1])
    read = window(anchored(history.values, 6, 5), history, 349, model.inputs, model.shape)
    frames = read.frames.copy()
    start, end = found.pieces[-1]
    frames.reshape(-1, 3)[len(frames) * 2 - (end - start) :] = 0
    expected = middle_of(model, history, read) - middle_of(model, history, Window(frames, read.known))
    np.testing.assert_allclose(found.piece_falls[-1], expected, atol=1e-4)


@pytest.mark.parametrize("season", [6, 1])
def test_what_the_latest_values_changed(season: int) -> None:
    model, values = made(season=season), waves(40)
    values[[36, 38]] = np.nan
    values[39] += 30
    found = explain(model, History(values, "all"), 4).latest
    count = 5 if season == 6 else 3  # a season, up to the horizon; without one, a segment
    assert found is not None and (found.start, found.end) == (40 - count, 40)
    (said,) = model.predict([History(values[:-count], "all")], count)
    known = np.isfinite(values[-count:])
    assert found.surprise == pytest.approx(np.mean((values[-count:] - said[:, 1])[known]))
    other = np.concatenate([values[:-count], np.where(known, said[:, 1], np.nan)])
    now, then = model.predict([History(values, "all"), History(other, "all")], 4)
    np.testing.assert_allclose(found.change, now[:, 1] - then[:, 1], rtol=1e-4)
    assert found.surprise > 5 and found.change.mean() > 1


def test_values_that_came_as_forecast_changed_nothing() -> None:
    model, before = made(), waves(40)
    (said,) = model.predict([before])
    found = explain(model, np.concatenate([before, said[:, 1]])).latest
    assert found is not None and found.surprise == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(found.change, 0, atol=1e-3)


@pytest.mark.parametrize("values", [waves(7), np.r_[1.0, 2, np.nan, np.nan, 3, 4, 5, 6]])
def test_where_too_little_is_known_before_or_after_it_is_left_out(values: NDArray[np.float64]) -> None:
    found = explain(made(), values)
    assert found.latest is None and plain(found)["latest"] is None


def test_the_strongest_are_those_of_the_largest_size() -> None:
    found = explain(*with_covariates())
    falls = np.concatenate([found.piece_falls, found.covariate_falls])
    places = [place for place, _ in found.strongest(99)]
    sizes = np.abs(falls).mean(axis=1)
    assert places == sorted(places, key=lambda place: -sizes[place]) and len(found.strongest(3)) == 3
    assert places == [place for place in np.argsort(-sizes) if sizes[place] >= found.least]
    for place, fall in found.strongest(99):
        np.testing.assert_array_equal(fall, falls[place])
    assert explain(made(), History(waves(40), "none")).strongest(9) == []


class Counting:
    """An engine that counts what it answers at once."""

    name = "counting"

    def __init__(self, model: ForecastModel) -> None:
        self.asked: list[int] = []
        self._engine = model.engine

    def __call__(self, frames: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked.append(len(frames))
        return self._engine(frames, known)


def test_work_is_bounded_and_done_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    model, history = with_covariates()
    model.engine = engine = Counting(model)
    *nothing, found = explain_in_steps(model, history)
    assert found is not None and set(nothing) == {None} and engine.asked == [1, 10, 1, 1]
    monkeypatch.setattr("recurra.tasks.forecast.explain.TOGETHER", 3 * 4 * 21)
    model.engine = engine = Counting(model)
    other = explain(model, history)
    assert engine.asked == [1, 3, 3, 3, 1, 1, 1]
    np.testing.assert_allclose(other.piece_falls, found.piece_falls, atol=1e-4)


def test_times_and_what_is_no_history() -> None:
    before: Sequence[str] = [f"b{n}" for n in range(20)]
    found = explain(made(), waves(20), 2, (before, ["x", "y", "z"]))
    assert found.before == before and list(found.times) == ["x", "y"]
    assert explain(made(), waves(20)).before == range(1, 21)
    with pytest.raises(OptionError, match="up to 5 steps, not 6"):
        explain(made(), waves(20), 6)
    with pytest.raises(DataError, match="2 known values"):
        explain(made(), [1, 2, np.nan])
    with pytest.raises(DataError, match="has 0 past covariates; this model reads 2: past 0, past 1"):
        explain(with_covariates()[0], waves(20))
    check_target(None)
    with pytest.raises(OptionError, match=r"forecasts numbers, of which there is none to choose. Leave --target out"):
        check_target("3")


def test_it_is_plain_json() -> None:
    model, history = with_covariates()
    found = explain(model, history, 3)
    said = json.loads(json.dumps(plain(found)))
    assert (said["series"], said["steps"], said["share"]) == ("all", 30, 1.0)
    assert [step["ds"] for step in said["forecast"]] == [1, 2, 3]
    for step, quantiles in zip(said["forecast"], found.quantiles, strict=True):
        assert [step["lo"], step["y"], step["hi"]] == pytest.approx(quantiles.tolist())
        assert step["smoothing"] + step["network"] == pytest.approx(step["y"], rel=1e-9)
    assert [one["weight"] for one in said["weights"]["trend"]] == [
        one.weight for one in found.weights if one.aspect == "trend"
    ]
    assert (said["pieces"][0]["from"], said["pieces"][0]["to"]) == (18, 21)
    for one, falls in zip(said["pieces"], found.piece_falls, strict=True):
        assert one["by_step"] == pytest.approx(falls.tolist()) and one["contribution"] == pytest.approx(falls.mean())
        assert one["size"] == pytest.approx(np.abs(falls).mean())
    assert [(one["kind"], one["covariate"]) for one in said["covariates"]] == found.covariates
    assert said["latest"]["to"] == 30 and len(said["latest"]["by_step"]) == 3
    assert "series" not in plain(explain(model, replace(history, name=None)))


def test_a_history_that_ends_with_nothing_is_not_explained() -> None:
    with pytest.raises(DataError, match="ends with a missing value"):
        explain(made(), [1.0, 2.0, 4.0, np.nan])
