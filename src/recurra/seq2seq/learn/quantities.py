"""The quantities that the reports of translation and chat share."""

from __future__ import annotations

from recurra.report.quantity import Quantity

PERPLEXITY = Quantity(
    "Perplexity",
    "Among how many equally likely tokens it is as uncertain, at each token of the reference.",
    higher_is_better=False,
    digits=2,
)
NATS_PER_TOKEN = Quantity(
    "Nats per token", "Cross-entropy of the reference, a token at a time.", higher_is_better=False
)
ACCURACY = Quantity(
    "Token accuracy",
    "The share of the reference's tokens that it predicts, given the tokens before.",
    higher_is_better=True,
    share=True,
)
BLEU = Quantity(
    "BLEU", "How many runs of up to four words it shares with the reference, of 100.", higher_is_better=True, digits=1
)
CHRF = Quantity(
    "chrF",
    "How many runs of up to six characters it shares with the reference, of 100.",
    higher_is_better=True,
    digits=1,
)
