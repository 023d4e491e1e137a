"""What is needed to reproduce a model."""

from __future__ import annotations

from recurra.report.template import reproduction


def test_times_and_groups_of_each_part_are_shown() -> None:
    time = {"column": "date", "train": ["2019", "2021"], "valid": ["2022", "2022"], "test": []}
    split = {"how": "by time", "train": 9, "time": time, "group": {"column": "who", "train": 4, "valid": 0, "test": 2}}
    (source, *_) = reproduction({"split": split})
    shown = str(source)
    for words in ("train times", "2019 to 2021", "valid groups"):
        assert words in shown, shown
    assert "2022 to" not in shown and "test times" not in shown
    assert "times" not in str(reproduction({"split": {"how": "at random", "train": 9}})[0])
