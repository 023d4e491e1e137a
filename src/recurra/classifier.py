"""The home of SequenceClassifier in 0.1.0: a pickle that was made then asks for this module, and cannot be opened."""

raise ImportError(
    "This pickle was made by Recurra 0.1.0, whose modules have moved since, and no pickle outlives such a move. Fit "
    "the SequenceClassifier again; or open the pickle with 0.1.0, write its model with save(DIR), and read that "
    "directory with recurra.load(DIR)."
)
