"""`python -m recurra.cli` is `recurra`."""

from __future__ import annotations

from recurra.cli.start import main

if __name__ == "__main__":
    main()
