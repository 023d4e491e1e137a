"""Searching for options: trials of one study, each judged on the validation rows, and a model of the best."""
