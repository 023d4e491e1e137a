"""The recurrent cells. To add one: write its file beside these, add its line here, run the contract tests."""

from __future__ import annotations

from recurra.nn.cells.cell import Cell, ScannedCell, State, Weights
from recurra.nn.cells.gru import GRUCell
from recurra.nn.cells.lstm import LSTMCell
from recurra.nn.cells.mingru import MinGRUCell
from recurra.nn.cells.minlstm import MinLSTMCell
from recurra.nn.cells.rnn import RNNCell

CELLS: dict[str, type[Cell]] = {
    "rnn": RNNCell,
    "gru": GRUCell,
    "lstm": LSTMCell,
    "mingru": MinGRUCell,
    "minlstm": MinLSTMCell,
}

__all__ = ["CELLS", "Cell", "ScannedCell", "State", "Weights"]
