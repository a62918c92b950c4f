"""Solves a problem that `yibang bench matching` wrote, with the peers.

Each gets the formulation that suits it best, and the set of needs to serve: a strict order of
100,000 priorities does not fit into costs of 64 bits.
- OR-tools' min-cost flow: a hub a cluster stands for "any place will do".
- scipy's sparse matching: a column a need stands for it, since within a cluster any place left will
  do once the wishes are settled. (Its dense solver takes the same matrix, up to 1,000 needs.)
Prints: objective, ms of processor time to solve, and to build and solve, the least of so many
rounds, peak memory in MB.
"""

import resource
import sys
import time

import numpy as np


def load(path):
    with open(path, "rb") as file:
        needs, offers, wishes, clusters = (int(n) for n in np.fromfile(file, np.int64, 4))
        of_need = np.fromfile(file, np.int32, needs)
        of_offer = np.fromfile(file, np.int32, offers)
        served = np.flatnonzero(np.fromfile(file, np.int32, needs))
        need = np.fromfile(file, np.int32, wishes)
        offer = np.fromfile(file, np.int32, wishes)
        weight = np.fromfile(file, np.int64, wishes)
    # Only the needs that are served, numbered anew.
    number = np.full(needs, -1)
    number[served] = np.arange(len(served))
    return number[need], offer, weight, of_need[served], of_offer, clusters


def flow(need, offer, weight, of_need, of_offer, clusters):
    from ortools.graph.python import min_cost_flow

    begin = time.process_time()
    solver = min_cost_flow.SimpleMinCostFlow()
    n, m = len(of_need), len(of_offer)
    free = np.flatnonzero(of_offer >= 0)
    hub, sink = n + m, n + m + clusters
    tails = np.concatenate([need, np.arange(n), hub + of_offer[free], n + free])
    heads = np.concatenate([n + offer, hub + of_need, n + free, np.full(len(free), sink)])
    costs = np.concatenate([-weight, np.zeros(n + 2 * len(free), np.int64)])
    solver.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones_like(costs), costs)
    supplies = np.zeros(sink + 1, np.int64)
    supplies[:n] = 1
    supplies[sink] = -n
    solver.set_nodes_supplies(np.arange(sink + 1), supplies)
    built = time.process_time()
    assert solver.solve() == solver.OPTIMAL
    end = time.process_time()
    return -solver.optimal_cost(), end - built, end - begin


def matrix(need, offer, weight, of_need, of_offer):
    from scipy.sparse import csr_matrix

    n, m = len(of_need), len(of_offer)
    # One more on every pair, since a stored nought counts as no pair.
    values = np.concatenate([weight + 1, np.ones(n, np.int64)]).astype(float)
    rows = np.concatenate([need, np.arange(n)])
    columns = np.concatenate([offer, m + np.arange(n)])
    return csr_matrix((values, (rows, columns)), shape=(n, m + n))


def sparse(need, offer, weight, of_need, of_offer, clusters):
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    begin = time.process_time()
    worth = matrix(need, offer, weight, of_need, of_offer)
    built = time.process_time()
    rows, columns = min_weight_full_bipartite_matching(worth, maximize=True)
    end = time.process_time()
    return int(worth[rows, columns].sum()) - len(rows), end - built, end - begin


def dense(need, offer, weight, of_need, of_offer, clusters):
    from scipy.optimize import linear_sum_assignment

    begin = time.process_time()
    worth = np.zeros((len(of_need), len(of_offer) + len(of_need)))
    worth[need, offer] = weight
    built = time.process_time()
    rows, columns = linear_sum_assignment(worth, maximize=True)
    end = time.process_time()
    return int(worth[rows, columns].sum()), end - built, end - begin


instance = load(sys.argv[1])
method = {"flow": flow, "sparse": sparse, "dense": dense}[sys.argv[2]]
rounds = [method(*instance) for _ in range(int(sys.argv[3]))]
objective = rounds[0][0]
solve, whole = min(r[1] for r in rounds), min(r[2] for r in rounds)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(objective, f"{solve * 1000:.2f} {whole * 1000:.2f}", memory)
