"""Several labels for each text, each with a probability and a threshold of its own."""
