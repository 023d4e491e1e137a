"""Where sentences end, by punctuation alone: a plain rule that can be told in a sentence.

A sentence ends at a run of full stops, exclamation or question marks or ellipses that white space, a line break or the
end of the text follows, with the closing quotes and brackets after it; at a full-width such sign wherever it stands; at
an HTML line break; and at an empty line. Abbreviations are not known: `Mr. Smith` is cut after `Mr.`
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*(?=\s|<br|\Z)|[。！？]+[」』”’）]*|<br\s*/?\s*>|\n[^\S\n]*\n",
    re.IGNORECASE,
)


def sentences(text: str, offsets: Sequence[tuple[int, int]]) -> list[slice]:
    """Return the sentences of a text as slices of its tokens, in order; each has at least one token.

    offsets: (start, end) in `text` of each token, or of each span of tokens.
    """
    ends = [match.end() for match in _END.finditer(text)]
    found, first, place = [], 0, 0
    for number, (start, _) in enumerate(offsets):
        while place < len(ends) and ends[place] <= start:
            if number > first:
                found.append(slice(first, number))
                first = number
            place += 1
    if offsets:
        found.append(slice(first, len(offsets)))
    return found
