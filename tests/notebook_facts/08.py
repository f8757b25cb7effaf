"""What the text of notebook 08 says, checked after its last cell."""

# wrong labels cost something, a rule costs more, and a few cost little
right, at_random, by_a_rule = scores.values()
assert right > 0.83 and right - at_random > 0.04 and right - by_a_rule > 0.08
assert table["random"][0.0] - table["random"][0.05] < 0.05
for share in (0.2, 0.4):
    assert table["rule"][share] + 0.02 < table["random"][share] < table["random"][0.0] - 0.05
assert table["rule"][0.4] < 0.55
assert 0.76 < 0.4 * len(y_train) / (y_train == 0).sum() < 0.84

# a test with the same mistake does not notice
assert accuracy(fooled, same_mistake) > accuracy(fooled, y_test) + 0.02

# the lists: most of the first eight are wrong; cleanlab's is shorter and more precise
assert 0.17 < is_wrong.mean() < 0.21
assert is_wrong[top].sum() > 4
assert set(issues) <= set(contradicted) and len(issues) < len(contradicted)
assert is_wrong[issues].mean() > is_wrong[contradicted].mean() > 2 * is_wrong.mean()
assert np.isin(faint, issues).mean() < is_wrong[issues].sum() / is_wrong.sum()
assert len({*ranking[:LOOKS]} & {*issues[:LOOKS]}) >= 45

# fifty faces each
assert by_network > 2.5 * max(LOOKS * is_wrong.mean(), is_wrong[yours].sum())
assert 5 < (without - LOOKS) * hours < 14

# cleaned labels bring most of the score back
after = {name: accuracy(network, y_test) for name, network in again.items()}
assert after["cleaned"] - after["poisoned"] > 0.5 * (right - after["poisoned"]) > 0.015
assert after["cleaned"] > after["list dropped"]

# ten people
assert unanimous.mean() < 0.25
assert sad["pictures"].sum() == 6077 and agreed == 2443
assert sad["most_votes"].iloc[0] == "neutral" and sad["pictures"].iloc[0] == 3229 > 6077 / 2


# shares of votes
def sure_and_agreed(network):
    p = ask(network, x_test)
    agree = shares_test[np.arange(len(p)), p.argmax(axis=1)]
    return p.max(axis=1).mean(), agree.mean(), -(shares_test * np.log(p)).sum(axis=1).mean()


sure_majority, agree_majority, loss_majority = sure_and_agreed(pupils["majority"])
sure_shares, agree_shares, loss_shares = sure_and_agreed(pupils["shares"])
assert sure_majority > agree_majority + 0.06 and abs(sure_shares - agree_shares) < 0.06
assert loss_shares < loss_majority

# the exercises
assert (suspicious(p_out, given) == theirs).mean() > 0.95
assert (p_forest.argmax(axis=1) != given).sum() > 100
assert tries["the released network"] >= 45 > tries["five folds"] > 25
