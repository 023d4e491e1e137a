"""The recurrence in C: built where there is a compiler, loaded where the processor can run it. Not needed to work."""
