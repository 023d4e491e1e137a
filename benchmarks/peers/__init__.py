"""Recurra beside its peers: the same work, on the same machine, in one session.

    make bench                            everything, about 25 minutes on two processors
    make bench QUICK=1                    the same work in small sizes; nothing is recorded
    make bench PART=training,inference    some parts; the other parts of the recorded result stay

Every engine runs in a process of its own and in an environment of its own (`engines/`). The driver (`driver.py`) asks
one of them at a time for one round, and takes the next round of that work only when every other engine had its turn,
so that whatever slows the machine down for a while slows all of them. `parts/` says what is measured, `bars.py` what
the figures are held against, `tables.py` how they are written.
"""
