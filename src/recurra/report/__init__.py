"""The report: one self-contained page, its charts, the learning curves and the model card."""
