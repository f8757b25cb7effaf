"""The tenth person, by hand and against every vote taken away one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import one_sentence
from emolib.evaluation import EvaluationError, agreement_with_others, people_shares

VOTES = [[8, 2, 0], [5, 5, 0], [0, 0, 10]]


@st.composite
def counted(draw):
    """Votes, with two or more on the first picture, and a class for each picture."""
    n, k = draw(st.integers(1, 12)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    votes = rng.integers(0, draw(st.sampled_from([2, 4, 10])), (n, k))
    votes[0, 0] += 2
    return votes, rng.integers(0, k, n)


def one_by_one(votes, predicted=None):
    """The same with one loop per vote."""
    shares = []
    for i, counts in enumerate(votes):
        voters = np.repeat(np.arange(len(counts)), counts)
        for taken in range(len(voters)) if len(voters) > 1 else []:
            others = np.bincount(np.delete(voters, taken), minlength=len(counts))
            tops = np.flatnonzero(others == others.max())
            answer = voters[taken] if predicted is None else predicted[i]
            shares.append((answer in tops) / len(tops))
    return np.mean(shares)


def test_agreement_by_hand():
    # 8 agree with 7 against 2, and 2 do not; of 5 and 5, nobody is with most of the other nine
    assert agreement_with_others(VOTES).value == pytest.approx((8 + 0 + 10) / 30)
    # the prediction need not be one of the votes
    assert agreement_with_others(VOTES, [0, 0, 1]).value == pytest.approx((10 + 5 + 0) / 30)
    # three people, three answers: the other two are tied, and neither is the third
    assert agreement_with_others([[1, 1, 1]]).value == 0
    assert agreement_with_others([[1, 1, 1]], [0]).value == pytest.approx((0 + 1 / 2 + 1 / 2) / 3)
    # a person of the two is with the other two in half of a tie
    assert agreement_with_others([[2, 1]]).value == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)


def test_pictures_with_fewer_than_two_votes_are_left_out():
    more = [*VOTES, [0, 1, 0], [0, 0, 0]]
    assert agreement_with_others(more) == agreement_with_others(VOTES)
    predicted = [0, 0, 1, 2, 2]
    assert agreement_with_others(more, predicted) == agreement_with_others(VOTES, predicted[:3])


@given(counted())
def test_agreement_is_that_of_every_vote_taken_away(data):
    votes, predicted = data
    for given_classes in (None, predicted):
        score = agreement_with_others(votes, given_classes)
        assert score.value == pytest.approx(one_by_one(votes, given_classes))
        assert 0 <= score.low <= score.value <= score.high <= 1 + 1e-12


@given(counted())
def test_nobody_agrees_more_often_than_the_choice_of_most(data):
    votes, predicted = data
    most = agreement_with_others(votes, votes.argmax(axis=1)).value
    assert most >= agreement_with_others(votes).value - 1e-12
    assert most >= agreement_with_others(votes, predicted).value - 1e-12


def test_chance_agrees_as_often_as_chance_and_less_often_than_a_person():
    rng = np.random.default_rng(0)
    votes = rng.multinomial(10, [0.6, 0.2, 0.1, 0.1], 2000)
    guess = agreement_with_others(votes, rng.integers(0, 4, 2000))
    assert guess.value == pytest.approx(1 / 4, abs=0.03)
    assert guess.high < agreement_with_others(votes).low


def test_interval_is_that_of_independent_pictures():
    rng = np.random.default_rng(0)
    # ten people of one mind: a picture counts as one right or wrong answer, not as ten
    votes = np.eye(2, dtype=int)[rng.integers(0, 2, 1000)] * 10
    right = rng.random(1000) < 0.8
    predicted = np.where(right, votes.argmax(axis=1), votes.argmin(axis=1))
    score = agreement_with_others(votes, predicted)
    assert score.value == pytest.approx(right.mean())
    error = (right.mean() * (1 - right.mean()) / 1000) ** 0.5
    assert (score.high - score.low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert score == agreement_with_others(votes, predicted, seed=0)
    assert score != agreement_with_others(votes, predicted, seed=1)


def test_shares_of_people():
    shares = people_shares(np.array([[8, 2], [0, 0], [0, 3]], np.uint8))
    assert shares.dtype == np.float64
    np.testing.assert_allclose(shares, [[0.8, 0.2], [np.nan, np.nan], [0, 1]])


@pytest.mark.parametrize(
    ("votes", "says"),
    [
        ([], "Votes of shape (0,)"),
        ([8, 2], "one column per class"),
        ([[8], [2]], "one column per class"),
        ([[0.8, 0.2]], "whole numbers of 0 or more"),
        ([[8, -2]], "whole numbers of 0 or more"),
    ],
)
def test_what_is_no_count_of_votes_is_refused(votes, says):
    for function in (agreement_with_others, people_shares):
        with pytest.raises(EvaluationError) as error:
            function(votes)
        one_sentence(error, says)


@pytest.mark.parametrize(
    ("votes", "predicted", "says"),
    [
        ([[1, 0], [0, 0]], None, "nobody to agree with"),
        (VOTES, [0, 0], "shape (2,) do not fit votes on 3 pictures"),
        (VOTES, [[0], [0], [0]], "shape (3, 1)"),
        (VOTES, [0, 0, 3], "whole numbers from 0 to 2"),
        (VOTES, [0, 0, -1], "whole numbers from 0 to 2"),
        (VOTES, [0, 0, 0.5], "whole numbers from 0 to 2"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(votes, predicted, says):
    with pytest.raises(EvaluationError) as error:
        agreement_with_others(votes, predicted)
    one_sentence(error, says)
