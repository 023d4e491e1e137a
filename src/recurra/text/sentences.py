"""Where sentences end, by punctuation alone: a plain rule.

A sentence ends at a run of full stops, exclamation or question marks or ellipses that white space, a line break or the
end of the text follows, with the closing quotes and brackets after it; at any full-width sign of this kind; at
an HTML line break; at an empty line; and at the mark between the texts of two columns. Abbreviations are not known:
`Mr. Smith` is cut after `Mr.`
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|<br|\Z)|[。！？]++[」』”’）]*+|<br\s*+(?:/\s*+)?>|\n[^\S\n]*+\n|\ufdd0",
    re.IGNORECASE,
)
"""It is tried at the first of several full stops alone, and gives nothing back: it reads a text once."""


def sentences(text: str, offsets: Sequence[tuple[int, int]]) -> list[slice]:
    """Return the sentences of a text as slices of its tokens, in order; each has at least one token.

    offsets: (start, end) in `text` of each token, or of each span of tokens.
    """
    ends = [match.end() for match in _END.finditer(text)]
    slices, first, boundary = [], 0, 0
    for number, (start, _) in enumerate(offsets):
        while boundary < len(ends) and ends[boundary] <= start:
            if number > first:
                slices.append(slice(first, number))
                first = number
            boundary += 1
    if offsets:
        slices.append(slice(first, len(offsets)))
    return slices
