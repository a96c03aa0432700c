"""Writes everything.json, everything-samples.json and verdicts.json beside this file, with the real ConfigSpace."""

import json
import pathlib
import random
import sys

from ConfigSpace import (
    AndConjunction,
    BetaFloatHyperparameter,
    BetaIntegerHyperparameter,
    CategoricalHyperparameter,
    Configuration,
    ConfigurationSpace,
    Constant,
    EqualsCondition,
    GreaterThanCondition,
    InCondition,
    LessThanCondition,
    NormalFloatHyperparameter,
    NormalIntegerHyperparameter,
    NotEqualsCondition,
    OrConjunction,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)
from ConfigSpace.forbidden import (
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenGreaterThanClause,
    ForbiddenGreaterThanEqualsClause,
    ForbiddenGreaterThanRelation,
    ForbiddenInClause,
    ForbiddenLessThanClause,
    ForbiddenLessThanEqualsClause,
    ForbiddenLessThanRelation,
    ForbiddenOrConjunction,
)


def space() -> ConfigurationSpace:
    """Builds a space with every construct."""
    cs = ConfigurationSpace(name="everything", seed=1)
    x = UniformFloatHyperparameter("x", 0.0, 2.0, default_value=0.5)
    rate = UniformFloatHyperparameter("rate", 1e-5, 1.0, log=True, default_value=0.01)
    n = UniformIntegerHyperparameter("n", 1, 64, default_value=8)
    tokens = UniformIntegerHyperparameter("max-tokens", 64, 8192, log=True, default_value=512)
    temp = NormalFloatHyperparameter("temp", mu=0.7, sigma=0.2, lower=0.0, upper=1.5)
    lognormal = NormalFloatHyperparameter("lognormal", mu=10.0, sigma=4.0, lower=2.0, upper=200.0, log=True)
    ni = NormalIntegerHyperparameter("ni", mu=5, sigma=2, lower=0, upper=12)
    bf = BetaFloatHyperparameter("bf", alpha=2, beta=5, lower=-1.0, upper=1.0)
    bi = BetaIntegerHyperparameter("bi", alpha=3, beta=2, lower=1, upper=20)
    model = CategoricalHyperparameter("model", ["small", "big", "it's"], weights=[3, 1, 1])
    flag = CategoricalHyperparameter("flag", [True, False])
    size = CategoricalHyperparameter("size", [1, 2, 4])
    ratio = CategoricalHyperparameter("ratio", [0.5, 1.5])
    effort = OrdinalHyperparameter("effort", ["low", "mid", "high"], default_value="mid")
    batch = OrdinalHyperparameter("batch", [8, 16, 32])
    depth = UniformIntegerHyperparameter("depth", 1, 10, default_value=3)
    leaf = UniformIntegerHyperparameter("leaf", 1, 5, default_value=2)
    width = UniformFloatHyperparameter("width", 0.1, 1.0, default_value=0.5)
    extra = UniformFloatHyperparameter("extra", 0.0, 1.0)
    other = UniformFloatHyperparameter("other", 0.0, 1.0)
    cs.add(x, rate, n, tokens, temp, lognormal, ni, bf, bi, model, flag, size, ratio, effort, batch)
    cs.add(Constant("version", "v1"), Constant("seven", 7), depth, leaf, width, extra, other)
    cs.add(
        EqualsCondition(depth, model, "big"),
        GreaterThanCondition(leaf, depth, 2),
        AndConjunction(InCondition(width, model, ["big", "it's"]), NotEqualsCondition(width, effort, "low")),
        OrConjunction(LessThanCondition(extra, x, 0.4), EqualsCondition(extra, flag, True)),
        EqualsCondition(other, size, 2),
    )
    cs.add(
        ForbiddenAndConjunction(ForbiddenEqualsClause(model, "small"), ForbiddenGreaterThanClause(tokens, 4096)),
        ForbiddenInClause(n, [63, 64]),
        ForbiddenAndConjunction(
            ForbiddenInClause(effort, ["low", "high"]),
            ForbiddenOrConjunction(ForbiddenLessThanClause(x, 0.1), ForbiddenGreaterThanEqualsClause(x, 1.9)),
        ),
        ForbiddenLessThanRelation(temp, rate),
        ForbiddenAndConjunction(ForbiddenEqualsClause(size, 4), ForbiddenLessThanEqualsClause(ni, 1)),
        ForbiddenGreaterThanRelation(leaf, n),
        ForbiddenAndConjunction(ForbiddenEqualsClause(model, "big"), ForbiddenEqualsClause(effort, "high")),
    )
    return cs


def plain(values: dict) -> dict:
    """Turns numpy scalars into Python's."""
    return {key: value.item() if hasattr(value, "item") else value for key, value in values.items()}


def accepted(cs: ConfigurationSpace, values: dict) -> bool:
    """Asks ConfigSpace whether a configuration is valid."""
    try:
        Configuration(cs, values=values).check_valid_configuration()
    except Exception:
        return False
    return True


def verdicts(cs: ConfigurationSpace, count: int) -> list:
    """Asks ConfigSpace about configurations that respect activity but not always the clauses."""
    chance = random.Random(7)
    bare = ConfigurationSpace(name="bare", seed=2)
    bare.add(list(cs.values()))
    bare.add(cs.conditions)
    asked = []
    for drawn in bare.sample_configuration(count):
        values = plain(dict(drawn))
        if chance.random() < 0.3:
            values["n"] = chance.choice([1, 2, 63, 64])
        asked.append({"values": values, "valid": accepted(cs, values)})
    return asked


def agree(exported: str) -> None:
    """Loads a document that Trimtab wrote of the same space; every verdict must be the original's."""
    original, other = space(), ConfigurationSpace.from_json(exported)
    for asked in verdicts(original, 400):
        assert accepted(other, asked["values"]) == asked["valid"], asked
    other.sample_configuration(100)
    print("400 verdicts agree")


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        agree(sys.argv[2])
        sys.exit()
    everything = space()
    everything.to_json(here / "everything.json")
    # ConfigSpace 1.2.2 draws some configurations that its own check refuses; they are left out.
    drawn = everything.sample_configuration(150)
    samples = [plain(dict(one)) for one in drawn if accepted(everything, plain(dict(one)))]
    print(f"{len(samples)} of {len(drawn)} drawn configurations are valid by its own check")
    (here / "everything-samples.json").write_text(json.dumps(samples, indent=0))
    (here / "verdicts.json").write_text(json.dumps(verdicts(everything, 120), indent=0))
