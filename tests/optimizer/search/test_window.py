"""Windows over a plan: the best mixture of a few open pairs, in one piece and within limits."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from teig.models.arrays import IndexArray
from teig.optimizer.territories.measures import measure
from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.search import cycles, improve, mixing, window
from teig.optimizer.territories.search.cycles import BorderSearch, Scales
from teig.optimizer.territories.search.ground import Ground, ground_of
from teig.optimizer.territories.search.mixing import Mixing
from teig.optimizer.territories.search.window import Opening, best_mixture, takes_windows
from teig.optimizer.territories.tables import compile_tables

from .test_border import chequered, strips


def ground(model: AssignmentModel) -> Ground:
    found = ground_of(model, compile_tables(model))
    assert found is not None
    return found


def random_opening(
    g: Ground, plan: IndexArray, owners: int, most: int, random: np.random.Generator
) -> Opening:
    """Items at borders for a neighbour's owner, the order at random."""
    one, other = plan[g.tail], plan[g.near_other]
    pairs = np.unique(np.stack([g.tail, other])[:, one != other], axis=1)
    chosen = random.permutation(pairs.shape[1])[:most]
    item, to = pairs[:, chosen]
    return Opening(np.arange(owners), item, to)


def shuffled(
    model: AssignmentModel, plan: IndexArray, moves: int, random: np.random.Generator
) -> IndexArray:
    """The plan after some shifts across borders that keep the hard limits, good or bad."""
    g, plan = ground(model), plan.copy()
    for _ in range(30 * moves):
        e = int(random.integers(len(g.tail)))
        i, to = g.tail[e], plan[g.near_other[e]]
        trial = plan.copy()
        trial[i] = to
        if measure(model, trial).feasible:
            plan = trial
    return plan


def by_brute_force(model: AssignmentModel, plan: IndexArray, opening: Opening) -> float:
    """Value of the best plan within the hard limits with these pairs open."""
    ways: dict[int, list[int]] = {}
    for i, r in zip(opening.item.tolist(), opening.to.tolist(), strict=True):
        ways.setdefault(i, [int(plan[i])]).append(r)
    best, trial = np.inf, plan.copy()
    for mixture in itertools.product(*ways.values()):
        trial[list(ways)] = mixture
        found = measure(model, trial)
        if found.feasible:
            best = min(best, found.objective)
    return best


@pytest.mark.parametrize("soft", [np.inf, 3.0])
def test_the_best_mixture_is_the_one_of_brute_force(
    soft: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "LEFT", 0.0)
    monkeypatch.setattr(window, "NODES", 10_000)
    monkeypatch.setattr(window, "STEPS", 10**9)
    gained = 0
    for seed in range(25):
        model = chequered(8, 3, seed, tolerance=0.2, soft=soft)
        found_plan = improve(model, seed=1, work=2e4, mending=False).item_owners
        if found_plan is None:
            continue
        g, random = ground(model), np.random.default_rng(seed)
        plan = shuffled(model, found_plan, 3, random)
        opening = random_opening(g, plan, 3, 8, random)
        now, best = measure(model, plan).objective, by_brute_force(model, plan, opening)
        found = best_mixture(g, plan, opening, 1e-6)
        if found.owner is None:
            assert best > now - 1e-4
            continue
        mixed = plan.copy()
        mixed[found.item] = found.owner
        after = measure(model, mixed)
        assert after.feasible
        # Limits are kept by a hundred-thousandth more, which may cost a little.
        assert after.objective == pytest.approx(best, rel=1e-3)
        assert after.objective < now
        gained += 1
    assert gained >= 5


def test_only_open_pairs_of_the_given_owners_change_hands() -> None:
    model = chequered(8, 4, 2, tolerance=0.5)
    g, random = ground(model), np.random.default_rng(3)
    start = improve(model, seed=1, work=2e4, mending=False).item_owners
    assert start is not None
    gained = 0
    for _ in range(40):
        plan = shuffled(model, start, 6, random)
        opening = random_opening(g, plan, 4, 24, random)
        two = Opening(np.array([1, 2]), opening.item, opening.to)
        found = best_mixture(g, plan, two, 1e-6)
        if found.owner is None:
            continue
        gained += 1
        pairs = set(zip(opening.item.tolist(), opening.to.tolist(), strict=True))
        for i, r in zip(found.item.tolist(), found.owner.tolist(), strict=True):
            assert r == plan[i] or ((i, r) in pairs and {r, int(plan[i])} == {1, 2})
    assert gained >= 3


def test_an_owner_whose_items_are_all_open_keeps_the_least_promising_one() -> None:
    model = chequered(6, 3, 2, tolerance=0.99)
    g, plan = ground(model), strips(model)
    first = np.flatnonzero(plan == 0)
    found = best_mixture(g, plan, Opening(np.arange(3), first, np.ones_like(first)), 1e-6)
    assert int(first[-1]) not in found.item


def test_limits_that_follow_totals_that_may_change_take_no_windows() -> None:
    g = ground(chequered(6, 3, 1))
    assert takes_windows(g)
    follows = g._replace(upper_share=np.full_like(g.upper, 0.5))
    assert takes_windows(follows)
    assert not takes_windows(follows._replace(per_item=np.zeros_like(g.per_item)))
    some = g.takes_part.copy()
    some[0, 1] = False
    assert not takes_windows(follows._replace(takes_part=some))


def test_mixing_makes_plans_better_and_remembers_where_nothing_was() -> None:
    model = chequered(14, 8, 3, tolerance=0.12)
    found = improve(model, seed=1, work=1e5, mending=False).item_owners
    assert found is not None
    plan = shuffled(model, found, 20, np.random.default_rng(1))
    g, value = ground(model), measure(model, plan).objective
    cost = g.cost.reshape(model.items, model.owners)
    dear = cost - cost.min(axis=1, keepdims=True)
    one = Mixing(g, lambda items, owners: np.asarray(dear[items, owners]))
    random, begun = np.random.default_rng(1), value
    with ThreadPoolExecutor(2) as pool:
        spent = []
        for _ in range(60):
            plan, work = one.along_borders(plan, value, np.ones(8), 3, random, pool)
            after = measure(model, plan)
            assert after.feasible
            assert after.objective <= value + 1e-9
            value = after.objective
            spent.append(work)
    assert value < begun
    # At the end windows have been seen before, and cost next to nothing.
    assert min(spent) > 0
    assert np.mean(spent[-10:]) < 0.2 * np.mean(spent[:10])


def test_windows_take_part_in_the_search_with_the_same_plan_by_any_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cycles, "BEFORE", 0.0)
    drawn: list[float] = []
    along = mixing.Mixing.along_borders

    def noted(self: Mixing, plan: IndexArray, value: float, *rest: object) -> object:
        drawn.append(value)
        return along(self, plan, value, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(mixing.Mixing, "along_borders", noted)
    model = chequered(24, 26, 1, tolerance=0.1)
    plans = []
    for workers in (1, 2):
        monkeypatch.setattr("os.cpu_count", lambda many=workers: many)
        plans.append(improve(model, seed=1, work=1e7, mending=False))
    assert len(drawn) >= 4
    assert plans[0].item_owners is not None
    assert plans[1].item_owners is not None
    assert np.array_equal(plans[0].item_owners, plans[1].item_owners)


def test_other_means_are_tried_seldom_beside_long_annealings() -> None:
    """A trial takes as long as thousands of proposals for each item."""
    model = chequered(26, 26, 1, tolerance=1e-6)
    g, trials = ground(model), []
    searching = BorderSearch(
        g, strips(model), np.zeros((2, 26)), Scales(1.0, np.ones(2), np.ones(2)), 1,
        lambda _: None, lambda items, _: np.zeros(len(items)),
        lambda owners: trials.append(searching.done) or owners,  # type: ignore[func-returns-value]
    )  # fmt: skip
    searching.run(3.1 * cycles.APART * model.items, lambda: False)
    assert 2 <= len(trials) <= 4
    assert all(b - a >= cycles.APART * model.items for a, b in itertools.pairwise(trials[:-1]))
