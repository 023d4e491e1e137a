"""Tables in, rows out, nothing altered on the way; splits, stores on disk, and the writers of answers."""
