"""The shape of a network that forecasts: see `storage/shape.py`."""

from __future__ import annotations

from pydantic import Field

from recurra.kernel.layout import Cell
from recurra.storage.shape import RecurrentStack, Shape

CHANNELS = 3
"""Of each step of the history: its value, its error, and whether the value is known."""
QUANTILES = 3
"""10, 50 and 90 %."""
MOST_STEPS = 65_536
MOST_AHEAD = 1_000
"""Steps of a horizon, at most: what the smoothings said of each of the last ones takes 4 GB of memory."""
MOST_COVARIATES = 1_024


class ForecastShape(Shape):
    """Segments of the history -> recurrent layers -> their last state; from it and from what is known of each segment
    of the horizon, the quantiles of its steps, all segments at once. Several such members are averaged.

    The manner is that of SegRNN (Lin et al., 2023, SegRNN: segment recurrent neural network for long-term time series
    forecasting).

    segment: steps of a segment; segments: K, of the history that is read; horizon: H, steps that are forecast; hidden,
    layers: of each member; members: M. past, future, static: how many covariates there are of each kind.
    """

    segment: int = Field(ge=1, le=MOST_STEPS)
    segments: int = Field(ge=1, le=MOST_STEPS)
    horizon: int = Field(ge=1, le=MOST_STEPS)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=64)
    members: int = Field(ge=1, le=8)
    past: int = Field(0, ge=0, le=MOST_COVARIATES)
    future: int = Field(0, ge=0, le=MOST_COVARIATES)
    static: int = Field(0, ge=0, le=MOST_COVARIATES)

    @property
    def steps(self) -> int:
        """The steps of the history that are read."""
        return self.segment * self.segments

    @property
    def ahead(self) -> int:
        """J, the segments of the horizon; the last may be longer than what is left of it."""
        return -(-self.horizon // self.segment)

    @property
    def channels(self) -> int:
        """The numbers of each step of the history."""
        return CHANNELS + self.past + self.future

    @property
    def inputs(self) -> int:
        """The width of a segment of the history."""
        return self.segment * self.channels

    @property
    def known(self) -> int:
        """N, what is known of a segment of the horizon: the anchor and the future covariates at each of its steps, how
        large errors are beside the values, and the static covariates."""
        return self.segment * (1 + self.future) + 1 + self.static

    @property
    def outputs(self) -> int:
        """The width of the answer for a segment."""
        return self.segment * QUANTILES

    @property
    def stack_of_layers(self) -> RecurrentStack:
        """The recurrent layers of a member."""
        return RecurrentStack(self.cell, self.inputs, self.hidden, self.layers)

    @property
    def parameters(self) -> int:
        hidden = self.hidden
        decoder = hidden * (hidden + 1) + self.ahead * hidden + hidden * self.known + self.outputs * (hidden + 1)
        return self.members * (self.stack_of_layers.parameters + decoder)

    def member_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight of a member.

        The recurrent layers: see `RecurrentStack.weight_shapes`; state: weight [H', H'] and bias [H'] of the last
        state, H' = hidden; position: [J, H'], of each segment of the horizon; known: weight [H', N]; head: weight
        [outputs, H'] and bias [outputs], by step and then by quantile.
        """
        hidden = self.hidden
        return {
            **self.stack_of_layers.weight_shapes("recurrent.layers"),
            "state.weight": (hidden, hidden),
            "state.bias": (hidden,),
            "position": (self.ahead, hidden),
            "known.weight": (hidden, self.known),
            "head.weight": (self.outputs, hidden),
            "head.bias": (self.outputs,),
        }

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight: those of each member, as `members.NUMBER.NAME`."""
        member = self.member_shapes()
        return {member_name(number, name): size for number in range(self.members) for name, size in member.items()}


def member_name(number: int, name: str) -> str:
    """Return the name of a member's weight in the whole network."""
    return f"members.{number}.{name}"
