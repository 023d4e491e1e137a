"""Series of numbers: read from tables, lists, .ts, .arff and folders of CSV into one shape."""
