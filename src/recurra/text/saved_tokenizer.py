"""From the content of tokenizer.json to the tokenizer of a classifier: the name of its pattern says which it is."""

from __future__ import annotations

import json

from recurra.data.feature_encoder import FeatureEncoder
from recurra.errors import ArtefactError, brief
from recurra.options.network import MAX_TOKENS
from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.tokenizer import Tokenizer, distinct_texts
from recurra.text.word_tokenizer import WordTokenizer


def tokenizer_from_json(text: str) -> Tokenizer:
    """Return the tokenizer that `Tokenizer.to_json` described. Raises ArtefactError for any other JSON."""
    try:
        plain = json.loads(text)
        kind = _kind(plain["pattern"])
        limit, truncate, fill = plain["max_tokens"], plain["truncate"], plain["fill"]
        punctuation, columns = plain.get("punctuation", True), distinct_texts(plain.get("columns", []))
        if not (
            (limit is None or (type(limit) is int and 0 < limit <= MAX_TOKENS))
            and truncate in ("head", "tail", "both")
            and type(fill) is bool
            and type(punctuation) is bool
        ):
            raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
        tokenizer = kind.fitted(
            plain, max_tokens=limit, truncate=truncate, fill=fill, punctuation=punctuation, columns=columns
        )
        if "features" in plain:
            tokenizer.features = FeatureEncoder.of(plain["features"])
        return tokenizer
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtefactError(
            f"tokenizer.json is not a tokeniser of Recurra: {brief(error)}. Train the model again."
        ) from None


def _kind(pattern: object) -> type[Tokenizer]:
    """Return the kind of tokenizer that a pattern names. Raises ArtefactError where there is none."""
    kinds: dict[str, type[Tokenizer]] = {kind.pattern: kind for kind in (WordTokenizer, CharacterTokenizer)}
    if pattern == "pieces-of-words-1":
        from recurra.text.piece_tokenizer import PieceTokenizer  # it takes the time to load the package that merges

        return PieceTokenizer
    if not isinstance(pattern, str) or pattern not in kinds:
        raise ArtefactError(
            f"tokenizer.json splits text by the rule {brief(pattern)}; this Recurra knows "
            f"{', '.join(map(repr, (*kinds, 'pieces-of-words-1')))}. Upgrade Recurra, or train the model again."
        )
    return kinds[pattern]
