"""The shape of the network of a model that gives several labels."""

from __future__ import annotations

from typing import Literal

from recurra.many_to_one.shape import ManyToOneShape


class MultilabelShape(ManyToOneShape):
    """A network that answers for each label by itself."""

    link: Literal["sigmoid"]
