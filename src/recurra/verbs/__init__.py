"""One file for each verb of the command line: the steps it takes, in order, and what it tells the user.

Importing these needs the base installation only; what trains is imported when a verb that trains runs.
"""
