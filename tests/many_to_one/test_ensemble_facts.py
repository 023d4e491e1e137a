"""What is told of an ensemble has each member's accuracy, the gain and its chance."""

from __future__ import annotations

from recurra.many_to_one.ensemble_facts import advice, gain_in_words, members_in_words, members_sentence

GAIN = {"better": False, "difference": 0.0123, "difference_ci95": [-0.002, 0.031], "p_value": 0.043}
MEMBERS = [{"seed": 4, "accuracy": 0.8, "valid": {}}, {"seed": 5, "accuracy": 0.8125, "valid": {}}]


def test_members_and_gain_in_words() -> None:
    told = "80.0%, 81.2%; together +1.2 points against their mean (95 % interval -0.2 to +3.1, p = 0.043)"
    assert members_in_words({"members": MEMBERS, "gain": GAIN}) == told
    what = "The mean of 2 networks, trained on the same rows with the seeds 4 and 5."
    assert members_sentence({"members": MEMBERS, "gain": GAIN}) == f"{what} Accuracy of each alone: {told}."
    assert members_sentence({"members": MEMBERS, "gain": None}) == what, "without held-out rows"


def test_a_gain_that_may_be_chance_is_told_with_what_it_costs() -> None:
    assert gain_in_words({"members": MEMBERS, "gain": GAIN}).startswith("together +1.2 points")
    told = advice({"members": MEMBERS, "gain": GAIN})
    assert "may be chance" in told and told.endswith("takes half of the time.")
    assert advice({"members": MEMBERS * 2, "gain": GAIN}).endswith("takes a quarter of the time.")
    assert advice({"members": MEMBERS * 3, "gain": GAIN}).endswith("takes 1/6 of the time.")
    assert advice({"members": MEMBERS, "gain": {**GAIN, "better": True}}) == (
        "The mean of 2 networks is better than one of them on these rows."
    )
