"""The task `forecast`: series of numbers are continued, with an interval for each value."""
