"""An experiment: how far back does each cell remember, and at what cost?

problems  made-up problems that only memory solves
budget    how long each network trains, how wide it is, and at which learning rate
measure   train one cell on one problem at one length
run       all of them, in parallel, and the files that `recurra probe` writes
plot      the plot among these
"""
