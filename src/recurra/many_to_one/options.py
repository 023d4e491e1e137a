"""The options of the tasks that answer a whole text: where the rows are, the network, and how it is trained."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from recurra.many_to_one.shape import MOST_MEMBERS, Pooling
from recurra.options.base import Options, flag
from recurra.options.columns import Columns
from recurra.options.holdout import Folds, Group, HoldoutOptions, RowLimitOptions
from recurra.options.network import (
    MIN_COUNT,
    TOKEN_UNIT,
    WORD_DROPOUT,
    MaxTokens,
    Ngrams,
    ReadDirection,
    RecurrentOptions,
    TokenLevel,
    Truncate,
    Vocabulary,
)
from recurra.options.reading import SliceOptions, TableOptions
from recurra.options.training import LEARNING_RATE, FitOptions, Keep, Patience, Valid
from recurra.options.word_vectors import WordVectorOptions, names_a_file
from recurra.text.ngram_limits import LONGEST

Quantise = Literal["auto", "always", "never"]
Subwords = Literal["auto", "none", "weights", "vectors"]


class ColumnOptions(Options):
    """What a model reads of a row."""

    text: Annotated[
        Columns | None,
        Field(
            description="Column with the text, or several with commas between, as in title,body. Guessed when the "
            "header makes it obvious."
        ),
    ] = None


class TextOptions(ColumnOptions, TableOptions):
    """Where the texts of a table are."""


class AnswerOptions(TextOptions):
    """Where the texts to answer are, and which of them get an answer."""

    answer_empty: Annotated[
        bool,
        Field(
            description="Also give the answer to rows of which nothing known was read: empty ones, and those of "
            "unknown words alone."
        ),
    ] = False


class ReadOptions(TextOptions):
    """Where the texts and the labels of a table are."""

    label: Annotated[
        str | None, Field(description="Column with the label. Guessed when the header makes it obvious.")
    ] = None


class SplitOptions(HoldoutOptions, RowLimitOptions):
    """Which rows are used, and which of them are held out."""

    split_column: Annotated[
        str | None, Field(description="Column with train or test (or valid) in each row, instead of --split.")
    ] = None
    group: Group = None
    split_by_time: Annotated[
        str | None,
        Field(
            description="Column with the date, time or number by which the newest rows are held out, and those before "
            "them validate; --split and --valid say how many."
        ),
    ] = None

    @model_validator(mode="after")
    def _one_way_to_split(self) -> Self:
        if self.split_column is not None and self.test is not None:
            raise ValueError("--split-column and --test both name the held-out rows; give one of them")
        if self.split_by_time is not None and (self.test is not None or self.split_column is not None):
            other = "--test" if self.test is not None else "--split-column"
            raise ValueError(f"--split-by-time and {other} both say which rows are held out; give one of them")
        return self


class RowOptions(TextOptions, SplitOptions, SliceOptions):
    """Where the texts of a table are, and which rows are held out; a task says where their answers are."""

    folds: Folds = None

    @model_validator(mode="after")
    def _folds_are_all_rows(self) -> Self:
        for name in ("split", "test", "split_column", "split_by_time"):
            if self.folds is not None and name in self.model_fields_set and getattr(self, name) is not None:
                raise ValueError(
                    f"--folds holds out every row once, and {flag(name)} says which rows are held out; give one of them"
                )
        return self


class UnlabelledOptions(Options):
    """Texts without labels to learn from as well."""

    unlabelled: Annotated[
        str | None,
        Field(
            description="A file of further texts without labels. A model of the labelled rows answers them; another "
            "learns from both."
        ),
    ] = None
    unlabelled_text: Annotated[
        str | None,
        Field(description="Column with the text in --unlabelled, where it is not the one of the labelled rows."),
    ] = None

    @model_validator(mode="after")
    def _the_column_is_of_a_file(self) -> Self:
        if self.unlabelled_text is not None and self.unlabelled is None:
            raise ValueError(
                "--unlabelled-text names a column of the file that --unlabelled names; give --unlabelled, or leave it "
                "out"
            )
        return self


class FromOptions(Options):
    """What the network starts from."""

    from_: Annotated[
        str | None,
        Field(
            description="Go on with a trained model of the same task, on further rows and labels; or start from a "
            "base, which `recurra pretrain` makes: its words, word vectors and recurrent layers."
        ),
    ] = None


class ContinueOptions(FromOptions):
    """How training goes on with a model."""

    old_test: Annotated[
        str | None,
        Field(
            description="File with held-out rows of the model in --from, to show what it forgets. Not needed where the "
            "data that it was trained on are still in their place."
        ),
    ] = None

    @model_validator(mode="after")
    def _old_rows_are_of_a_model(self) -> Self:
        if self.old_test is not None and self.from_ is None:
            raise ValueError("--old-test is for a model in --from; give that too, or leave it out")
        return self


class NewHeadOptions(FromOptions):
    """Whether a classifier is gone on with, or started from."""

    new_head: Annotated[
        bool,
        Field(
            description="Of a classifier in --from, take the words, word vectors and recurrent layers alone, as of a "
            "base, and learn the labels anew."
        ),
    ] = False

    @model_validator(mode="after")
    def _a_head_is_of_a_model(self) -> Self:
        if self.new_head and self.from_ is None:
            raise ValueError("--new-head is for a model in --from; give that too, or leave it out")
        return self


class NetworkOptions(RecurrentOptions):
    """The tokens and the network."""

    direction: ReadDirection = "both"
    pooling: Annotated[Pooling, Field(description="Pooling: how the outputs over time become one vector.")] = "max-mean"
    level: Annotated[TokenLevel | None, TOKEN_UNIT] = None
    vocabulary: Vocabulary = 30_000
    min_count: Annotated[int | None, MIN_COUNT] = None
    ngrams: Ngrams = None
    subwords: Annotated[
        Subwords,
        Field(
            description="What is learnt of the spelling of words, by their character n-grams: nothing (none), weights "
            "in the linear model (weights), or word vectors as well (vectors); auto takes weights for few rows.",
        ),
    ] = "auto"
    max_tokens: MaxTokens = 1000
    truncate: Annotated[
        Truncate, Field(description="Part of a longer text to keep: its head, its tail, or half of both.")
    ] = "tail"
    punctuation: Annotated[bool, Field(description="Whether punctuation signs are tokens, as words are.")] = True
    fill: Annotated[
        bool, Field(description="Pad every text in front up to --max-tokens, as in the tutorial's recipe.")
    ] = False

    @model_validator(mode="after")
    def _ngrams_and_spellings_fit(self) -> Self:
        if self.subwords in ("weights", "vectors") and self.level not in (None, "word"):
            raise ValueError(
                f"--subwords {self.subwords} reads the spelling of words, which --level {self.level} does already; "
                "leave one of them out"
            )
        if (self.ngrams or 0) > LONGEST:
            raise ValueError(
                f"--ngrams cannot be {self.ngrams} for a classifier: at most {LONGEST} words; "
                f"give --ngrams {LONGEST} or less"
            )
        if self.subwords == "weights" and self.ngrams == 0:
            raise ValueError(
                "--subwords weights belong to the n-grams, which --ngrams 0 leaves out; give --subwords vectors or none"
            )
        return self


class LearningOptions(WordVectorOptions, FitOptions):
    """How the network is trained."""

    window: Annotated[
        int | None,
        Field(ge=1, description="Tokens of a longer text that a training step reads; the model reads --max-tokens."),
    ] = 400
    learning_rate: Annotated[float | None, LEARNING_RATE] = None  # type: ignore[assignment]  # see `learn.defaults.sized`
    patience: Patience = None
    keep: Keep = "last"
    valid: Valid = 0.05
    word_dropout: Annotated[float | None, WORD_DROPOUT] = None
    quantise: Annotated[
        Quantise,
        Field(
            description="Quantisation: int8 weights in the saved graph where validation rows show it as right and "
            "faster (auto), or as right (always), or never.",
        ),
    ] = "auto"


class CalibrationOptions(Options):
    """Whether probabilities are made right."""

    calibrate: Annotated[
        bool, Field(description="Temperature scaling on the validation rows, so that probabilities are calibrated.")
    ] = True


class OrderOptions(Options):
    """Whether classes have an order."""

    ordered: Annotated[
        bool,
        Field(
            description="Classes have an order, such as ratings from 1 to 5: one score and thresholds between the "
            "classes are learnt. Labels must be numbers, or --order says the order."
        ),
    ] = False
    order: Annotated[
        str | None,
        Field(description="Order of the classes, from the least to the most, as in bad,fair,good. For --ordered."),
    ] = None

    @model_validator(mode="after")
    def _an_order_is_of_ordered_classes(self) -> Self:
        if self.order is not None and not self.ordered:
            raise ValueError("--order says the order of classes that have one; give --ordered too, or leave it out")
        return self


class FeatureOptions(Options):
    """What else a model reads of a row."""

    features: Annotated[
        Columns | None,
        Field(
            description="Columns with numbers and categories to read beside the text, with commas between, as in "
            "price,brand. What each holds is guessed; price:number and zip:category say it."
        ),
    ] = None


class TextModelOptions(ColumnOptions, FeatureOptions, NetworkOptions, FromOptions, LearningOptions):
    """What makes a model out of texts and their answers, whatever these are."""

    ensemble: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_MEMBERS,
            description="Networks to train, with seeds of their own. The model is their average; with --unlabelled, "
            "they are the teacher.",
        ),
    ] = 1

    def at_level(self, level: TokenLevel) -> Self:
        """Return the options at a level, with its defaults where nothing else was given."""
        defaults = LEVEL_DEFAULTS.get(level, {})
        return self.model_copy(
            update={"level": level, **{n: v for n, v in defaults.items() if n not in self.model_fields_set}}
        )

    @model_validator(mode="before")
    @classmethod
    def _by_level(cls, values: Any) -> Any:
        return {**LEVEL_DEFAULTS.get(str(values.get("level")), {}), **values} if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _fits_the_level(self) -> Self:
        if self.level == "bpe" and self.vocabulary < BYTES:
            raise ValueError(f"--vocabulary must be at least {BYTES} with --level bpe: one for each byte")
        if self.level not in (None, "word") and names_a_file(self.word_vectors):
            raise ValueError(
                f"--word-vectors {self.word_vectors} has vectors of words, and --level {self.level} reads none. Give "
                "--level word, or leave --word-vectors out"
            )
        return self


class ModelOptions(TextModelOptions, CalibrationOptions):
    """What makes a model out of texts and labels: the parameters of `SequenceClassifier`."""


LEVEL_DEFAULTS: dict[str, dict[str, Any]] = {
    "bpe": {"vocabulary": 8_000, "min_count": 10},
    "char": {"word_dropout": 0.1},
}
"""Other defaults, by token unit. Of subwords, min_count is how often a pair of them must occur to become one."""

BYTES = 256
