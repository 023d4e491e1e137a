"""One folder for each shape of problem; `registry.py` names them."""
