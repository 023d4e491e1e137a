"""From a text to one row of scores: what the tasks that answer a whole text share."""
