"""Recognises the same pupils by the same rules in zen-engine and in OpenFisca-Core, the peers that
scripts/bench compares with. Fails if a tier differs from ours.

    bench-recognition.py --facts FACTS --rules RULES --seconds 5

FACTS has one JSON object a line, with our tier; RULES is the rule set as JSON. Prints assessments a
second on one core: zen-engine with decision tables, and with one expression that gives the tier alone;
OpenFisca with a simulation a pupil, and with all pupils in one simulation, whose input arrays are made
beforehand.
"""

import argparse
import json
import sys
import time

import numpy
import zen
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

options = argparse.ArgumentParser()
options.add_argument("--facts", required=True)
options.add_argument("--rules", required=True)
options.add_argument("--seconds", type=float, default=5)
options = options.parse_args()

with open(options.rules, encoding="utf-8") as file:
    rules = json.load(file)
with open(options.facts, encoding="utf-8") as file:
    pupils = [json.loads(line) for line in file]

TIERS = [None, "general", "difficult", "special"]
# Hardest first, so that the first row that holds is the answer.
categories = sorted(
    (c for c in rules["categories"] if c["defaultTier"] and c["proofs"]),
    key=lambda c: -TIERS.index(c["defaultTier"]),
)


def fail(peer, pupil, tier):
    sys.exit(f"bench: {peer} gives {tier} and we give {pupil['tier']} for {json.dumps(pupil)}")


def rate(assess, batch):
    """How many a second of this process's own time, over whole rounds."""
    count, begin = 0, time.process_time()
    while time.process_time() - begin < options.seconds:
        assess()
        count += batch
    return round(count / (time.process_time() - begin))


def proven(category):
    """In zen's expression language, that a category is claimed and an accepted department's word given."""
    departments = json.dumps([p["department"] for p in category["proofs"]])
    return (
        f'some(claims, #.category == "{category["code"]}"'
        f" and some(#.departments, # in {departments}))"
    )


def zen_expression():
    """The tier alone as one expression."""
    ruled = "0"
    for c in reversed(categories):
        ruled = f"({proven(c)} ? {TIERS.index(c['defaultTier'])} : {ruled})"
    return f"max([{ruled}, decision != null and justified ? decision : 0])"


def zen_graph():
    """A first-hit table of the proven categories, then one of what the school may add."""

    def table(inputs, outputs, rows, through):
        return {
            "hitPolicy": "first",
            "inputs": inputs,
            "outputs": [{"id": o, "name": o, "field": o} for o in outputs],
            "rules": [{"_id": str(n), **row} for n, row in enumerate(rows)],
            "passThrough": through,
            "inputField": None,
            "outputPath": None,
            "executionMode": "single",
        }

    of_category = [
        {
            "holds": proven(c),
            "ruled": str(TIERS.index(c["defaultTier"])),
            "category": json.dumps(c["code"]),
            "reference": json.dumps(c["reference"]),
        }
        for c in categories
    ] + [{"holds": "", "ruled": "0", "category": "null", "reference": "null"}]
    of_school = [
        {"holds": "decision != null and justified and decision > ruled", "tier": "decision"},
        {"holds": "", "tier": "ruled"},
    ]
    holds = [{"id": "holds", "name": "holds"}]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {
            "id": "rule",
            "name": "rule",
            "type": "decisionTableNode",
            "content": table(holds, ["ruled", "category", "reference"], of_category, True),
        },
        {
            "id": "school",
            "name": "school",
            "type": "decisionTableNode",
            "content": table(holds, ["tier"], of_school, True),
        },
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    ids = [n["id"] for n in nodes]
    edges = [
        {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"}
        for a, b in zip(ids, ids[1:])
    ]
    return {"nodes": nodes, "edges": edges}


def zen_rates():
    # Its fastest way: a graph that its loader has compiled. create_decision is some ten times slower.
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"rules": zen_graph()}}})
    inputs = [
        {
            "claims": [
                {"category": c["category"], "departments": [p["department"] for p in c["proofs"]]}
                for c in pupil["claims"]
            ],
            "decision": TIERS.index(pupil["decision"]) if pupil["decision"] else None,
            "justified": pupil["justified"],
        }
        for pupil in pupils
    ]
    expression = zen.compile_expression(zen_expression())
    for pupil, facts in zip(pupils, inputs):
        for number in (
            engine.evaluate("rules", facts)["result"]["tier"],
            int(expression.evaluate(facts)),
        ):
            if TIERS[number] != pupil["tier"]:
                fail("zen-engine", pupil, TIERS[number])
    some = inputs[:2000]

    def by_graph():
        for facts in some:
            engine.evaluate("rules", facts)

    def by_expression():
        for facts in some:
            expression.evaluate(facts)

    return rate(by_graph, len(some)), rate(by_expression, len(some))


def openfisca_system():
    pupil = build_entity("pupil", "pupils", "A pupil", is_person=True)
    system = TaxBenefitSystem([pupil])
    common = {"entity": pupil, "definition_period": DateUnit.YEAR, "label": ""}
    names = {c["code"]: "proven_" + c["code"].replace("-", "_") for c in categories}
    for name in names.values():
        system.add_variable(type(name, (Variable,), {"value_type": bool, **common}))
    for name, kind in [("decision", int), ("justified", bool)]:
        system.add_variable(type(name, (Variable,), {"value_type": kind, **common}))

    def ruled(persons, period):
        tier = persons.filled_array(0)
        for c in reversed(categories):
            holds = persons(names[c["code"]], period)
            tier = numpy.where(holds, TIERS.index(c["defaultTier"]), tier)
        return tier

    def tier(persons, period):
        rule, school = persons("ruled", period), persons("decision", period)
        raises = persons("justified", period) * (school > rule)
        return numpy.where(raises, school, rule)

    for formula in [ruled, tier]:
        body = {"value_type": int, "formula": formula, **common}
        system.add_variable(type(formula.__name__, (Variable,), body))
    return system, names


def openfisca_rates():
    system, names = openfisca_system()
    accepted = {c["code"]: {p["department"] for p in c["proofs"]} for c in categories}

    def holds(pupil, code):
        return any(
            c["category"] == code and any(p["department"] in accepted[code] for p in c["proofs"])
            for c in pupil["claims"]
        )

    arrays = {name: numpy.array([holds(p, c) for p in pupils]) for c, name in names.items()}
    arrays["decision"] = numpy.array([TIERS.index(p["decision"]) for p in pupils])
    arrays["justified"] = numpy.array([p["justified"] for p in pupils])

    def tiers(count, inputs):
        simulation = SimulationBuilder().build_default_simulation(system, count)
        for name, values in inputs.items():
            simulation.set_input(name, 2026, values)
        return simulation.calculate("tier", 2026)

    for pupil, number in zip(pupils, tiers(len(pupils), arrays)):
        if TIERS[number] != pupil["tier"]:
            fail("OpenFisca", pupil, TIERS[number])
    some = [{name: values[n : n + 1] for name, values in arrays.items()} for n in range(100)]

    def one_by_one():
        for inputs in some:
            tiers(1, inputs)

    return rate(one_by_one, len(some)), rate(lambda: tiers(len(pupils), arrays), len(pupils))


print(*zen_rates(), *openfisca_rates())
