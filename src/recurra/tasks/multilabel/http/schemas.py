"""The JSON of the routes of a model that gives several labels."""

from __future__ import annotations

from pydantic import BaseModel, Field

from recurra.http.schemas import RankedLabel, RequestBody, Several, Top
from recurra.many_to_one.http.rows import GivenRow
from recurra.storage.model_directory import Label


class LabelsRequest(RequestBody):
    """Texts to give labels."""

    inputs: Several[GivenRow] = Field(
        min_length=1, description="The texts, or rows.", json_schema_extra={"maxItems": "max_inputs"}
    )
    top: Top = None
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Probability from which a label is given, instead of the thresholds of the model."
    )


class LabelsOutput(BaseModel):
    """The labels of one text."""

    labels: list[Label] = Field(description="The labels that are given, the most probable first; there may be none.")
    top: list[RankedLabel] | None = Field(None, description="The most probable labels, where the request has `top`.")
    probabilities: dict[str, float] = Field(description="Probability of each label, by itself.")
    thresholds: dict[str, float] = Field(description="From which probability each label is given.")
    truncated: bool = Field(description="Whether the text was cut to the tokens that the model reads.")
    tokens: int = Field(description="Tokens of the text, before it was cut.")
    nothing_known: bool = Field(
        description="Whether nothing known was read: the text is empty or of unknown words alone, and the answer says "
        "nothing of it."
    )


class LabelsResponse(BaseModel):
    """Labels for texts, in their order."""

    model: str
    outputs: list[LabelsOutput]


class LabelExplainRequest(RequestBody):
    """A text to explain."""

    input: GivenRow = Field(description="The text, or the row.")
    target: str | None = Field(None, description="The label to explain (default: the most probable one).")


class LabelPart(BaseModel):
    """A word, an n-gram or a sentence and its contribution. start, end: characters of the text."""

    start: int
    end: int
    text: str
    contribution: float


class LabelExplainResponse(BaseModel):
    """What the words and the sentences of a text contribute to the log-odds of the label `target`."""

    model: str
    text: str
    label: Label = Field(description="The most probable label.")
    target: Label
    threshold: float = Field(description="From which probability `target` is given.")
    labels: list[Label] = Field(description="The labels that are given, the most probable first.")
    probabilities: dict[str, float]
    log_odds: float
    words: list[LabelPart]
    sentences: list[LabelPart]
    span: int
    tokens: int
    truncated: bool
    nothing_known: bool
    ngrams: list[LabelPart] = Field(
        description="What the strongest n-grams beside the network add to the log-odds, exactly. Empty where the model "
        "has none."
    )
    ngram_total: float | None = Field(description="What all n-grams add; null where the model has none.")
    columns: list[LabelPart] | None = Field(
        None, description="Of a model of several columns: the column, and what hiding all of it changes."
    )
    features: dict[str, float] | None = Field(
        None,
        description="Of a model that reads columns beside the text: what each contributes, against an average row.",
    )
    network_total: float | None = Field(description="What the network adds; null where the model has no n-grams.")
