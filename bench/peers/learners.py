"""The learners that AMMO's default is compared with, one for each person.

Nothing of a world is told to any of them but the creations' coordinates, except where a name says "told": these know the noise.
Settings are the packages' own defaults or their authors'; none was chosen in these worlds. Each learner gets a constant feature beside the
coordinates (Vowpal Wabbit adds its own), and one model a situation where there are situations (Vowpal Wabbit: they cross the coordinates, -q UA).
"""

import random

NEEDS = "{0} isn't installed: pip install -r bench/peers/requirements.txt (`make peers` does it in build/peers)"


class MissingPackage(RuntimeError):
    pass


class NotTold(RuntimeError):
    """The world has no noise that could be told."""


def needs(package):
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingPackage(NEEDS.format(package) + f" ({error})") from error


class Uniform:
    """Slates at random: the standard library alone."""

    def __init__(self, start, person):
        self.random = random.Random(f"{start['seed']} {person}")
        self.creations = range(len(start["rows"]))
        self.slots = start["slots"]

    def choose(self, situation, round_number):
        return self.random.sample(self.creations, self.slots)

    def learn(self, situation, told, round_number):
        pass


class Ridge:
    """Ridge regression by situation, in numpy: A = λI + Σxxᵀ, its inverse by Sherman and Morrison."""

    def __init__(self, start, person, ridge=1.0):
        np = self.np = needs("numpy")
        rows = np.array(start["rows"])
        self.rows = np.hstack([np.ones((len(rows), 1)), rows])
        self.slots = start["slots"]
        self.random = np.random.default_rng([start["seed"], person])
        width = self.rows.shape[1]
        self.inverse = [np.eye(width) / ridge for _ in range(start["situations"])]
        self.sums = [np.zeros(width) for _ in range(start["situations"])]

    def learn(self, situation, told, round_number):
        inverse, sums = self.inverse[situation], self.sums[situation]
        for content, _, reward in told:
            x = self.rows[content]
            ax = inverse @ x
            inverse -= self.np.outer(ax, ax) / (1 + x @ ax)
            sums += reward * x

    def top(self, scores):
        return self.np.argpartition(-scores, self.slots)[: self.slots]


class C2ucb(Ridge):
    """Qin, Chen and Zhu 2014 with α = 1 and λ = 1: the slots best by θ·x + α sqrt(xᵀA⁻¹x)."""

    alpha = 1.0

    def choose(self, situation, round_number):
        inverse = self.inverse[situation]
        width = self.np.sqrt(self.np.einsum("ij,ij->i", self.rows @ inverse, self.rows))
        return self.top(self.rows @ (inverse @ self.sums[situation]) + self.alpha * width)


class LinTs(Ridge):
    """Thompson sampling of a linear model, N(θ, v²A⁻¹) with v = 1 and λ = 1 (Agrawal and Goyal 2013, semi-bandit: Wen, Kveton, Ashkan 2015)."""

    spread = 1.0

    def choose(self, situation, round_number):
        inverse = self.inverse[situation]
        drawn = self.np.linalg.cholesky(inverse) @ self.random.standard_normal(len(inverse))
        return self.top(self.rows @ (inverse @ self.sums[situation] + self.spread * drawn))


def told_noise(start):
    if start["noise"] is None:
        raise NotTold("its rewards have no one noise to be told")
    return start["noise"]


class C2ucbTold(C2ucb):
    """C2UCB told σ: λ = σ² d, and α = 3σ, as far as AMMO's own policies look."""

    def __init__(self, start, person):
        sigma = told_noise(start)
        super().__init__(start, person, sigma**2 * start["dim"])
        self.alpha = 3 * sigma


class LinTsTold(LinTs):
    """Thompson sampling told σ: λ = σ² d and v = σ, the posterior itself where rewards are linear."""

    def __init__(self, start, person):
        sigma = told_noise(start)
        super().__init__(start, person, sigma**2 * start["dim"])
        self.spread = sigma


class MabWiser:
    """MABWiser with its defaults (α = 1, λ = 1). Its arms are independent models of a context, so hundreds of creations as arms share nothing;
    as fits slates, there is one arm, "shown", whose contexts are the creations, and a slate is the slots of the highest expectations."""

    policy = ""

    def __init__(self, start, person):
        mab = needs("mabwiser.mab")
        np = self.np = needs("numpy")
        rows = np.array(start["rows"])
        self.rows = np.hstack([np.ones((len(rows), 1)), rows])
        self.slots = start["slots"]
        self.random = np.random.default_rng([start["seed"], person])
        self.models = [
            mab.MAB(["shown"], getattr(mab.LearningPolicy, self.policy)(), seed=start["seed"] * 1000 + person)
            for _ in range(start["situations"])
        ]
        self.fitted = [False] * start["situations"]

    def choose(self, situation, round_number):
        if not self.fitted[situation]:
            return self.random.choice(len(self.rows), self.slots, replace=False)
        scores = self.np.fromiter((e["shown"] for e in self.models[situation].predict_expectations(self.rows)), float, len(self.rows))
        return self.np.argpartition(-scores, self.slots)[: self.slots]

    def learn(self, situation, told, round_number):
        shown = self.rows[[content for content, _, _ in told]]
        fit = self.models[situation].partial_fit if self.fitted[situation] else self.models[situation].fit
        fit(["shown"] * len(told), [reward for _, _, reward in told], shown)
        self.fitted[situation] = True


class MabWiserUcb(MabWiser):
    policy = "LinUCB"


class MabWiserTs(MabWiser):
    policy = "LinTS"


class Vowpal:
    """Vowpal Wabbit's conditional contextual bandit: a decision of all slots over all creations (no prefilter), a model a person. Costs are
    negative rewards. Creations are parsed once and kept, which is faster than the text of each decision (twice as fast at 200 creations)
    and decides the same."""

    explore = ""
    pooled = False

    def __init__(self, start, person, shared=None):
        vw = needs("vowpalwabbit")
        self.label = needs("vowpalwabbit.pyvw").LabelType.CONDITIONAL_CONTEXTUAL_BANDIT
        self.slots, self.person = start["slots"], person
        self.situations = start["situations"]
        if shared:
            self.model, self.actions = shared.model, shared.actions
        else:
            crossed = "-q UA " * (self.pooled or self.situations > 1)
            self.model = vw.Workspace(f"--ccb_explore_adf {self.explore} {crossed}--quiet --random_seed {start['seed'] * 1000 + person}")
            self.actions = [
                self.example("ccb action |A " + " ".join(f"{k}:{x:.6f}" for k, x in enumerate(row))) for row in start["rows"]
            ]
        self.shown = {}  # by round: what was chosen, and how likely, until its rewards are learned

    def example(self, text):
        return self.model.example(text, labelType=self.label)

    def context(self, situation):
        words = f" p{self.person}" * self.pooled + f" s{situation}" * (self.situations > 1)
        return self.example("ccb shared |" + ("U" + words if words else ""))

    def choose(self, situation, round_number):
        context = self.context(situation)
        slots = [self.example("ccb slot |") for _ in range(self.slots)]
        chosen = [slot[0] for slot in self.model.predict([context, *self.actions, *slots])]
        self.model.finish_example([context, *slots])
        self.shown[round_number] = chosen
        return [action for action, _ in chosen]

    def learn(self, situation, told, round_number):
        chosen = self.shown.get(round_number)
        # Rewards of one slate may come apart: a slot without its reward is unlabelled, and teaches nothing.
        rewards = {slot: reward for _, slot, reward in told}
        context = self.context(situation)
        slots = [
            self.example(f"ccb slot {action}:{-rewards[k]:.9g}:{chance:.9g} |" if k in rewards else "ccb slot |")
            for k, (action, chance) in enumerate(chosen)
        ]
        self.model.learn([context, *self.actions, *slots])
        self.model.finish_example([context, *slots])


class VowpalSquare(Vowpal):
    explore = "--squarecb"


class VowpalCover(Vowpal):
    explore = "--cover 3"


class VowpalEpsilon(Vowpal):
    explore = "--epsilon 0.05"


class VowpalPooled(Vowpal):
    """One model for everybody, each person a feature that interacts with the creations' coordinates."""

    explore = "--squarecb"
    pooled = True


def one_each(kind):
    return kind


def one_for_all(kind):
    first = []

    def make(start, person):
        first.append(kind(start, person, first[0] if first else None))
        return first[-1]

    return make


# By name: what makes the learners of a world, and what there is to say of it in the table.
LEARNERS = {
    "uniform": (lambda: one_each(Uniform), "at random"),
    "c2ucb": (lambda: one_each(C2ucb), "numpy; told nothing: α = 1, λ = 1"),
    "lints": (lambda: one_each(LinTs), "numpy; told nothing: v = 1, λ = 1"),
    "c2ucb_told": (lambda: one_each(C2ucbTold), "numpy; told the noise"),
    "lints_told": (lambda: one_each(LinTsTold), "numpy; told the noise"),
    "mabwiser_linucb": (lambda: one_each(MabWiserUcb), "MABWiser's defaults; one arm, creations as contexts"),
    "mabwiser_lints": (lambda: one_each(MabWiserTs), "MABWiser's defaults; one arm, creations as contexts"),
    "vw_squarecb": (lambda: one_each(VowpalSquare), "CCB --squarecb; a model a person"),
    "vw_cover": (lambda: one_each(VowpalCover), "CCB --cover 3; a model a person"),
    "vw_epsilon": (lambda: one_each(VowpalEpsilon), "CCB --epsilon 0.05; a model a person"),
    "vw_squarecb_pooled": (lambda: one_for_all(VowpalPooled), "CCB --squarecb -q UA; one model, people as features"),
}
