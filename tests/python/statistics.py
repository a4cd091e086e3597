"""Answers the questions of tests/statistics.rs with SciPy and statsmodels, and where those lose digits themselves with
mpmath at 50 digits. Reads the questions as JSON from standard input, prints the answers as JSON in the same order."""

import json
import sys

import numpy
from mpmath import exp, loggamma, mp, mpf
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

mp.dps = 50


class Dealt:
    """The events of the first of two groups, in 50 digits."""

    def __init__(self, x, n, y, m):
        self.n, self.m, self.k = n, m, x + y
        self.first, self.last = max(0, self.k - m), min(self.k, n)
        self.all = self.ln_choose(n + m, self.k)

    @staticmethod
    def ln_choose(n, k):
        return loggamma(mpf(n) + 1) - loggamma(mpf(k) + 1) - loggamma(mpf(n - k) + 1)

    def mass(self, x):
        return exp(self.ln_choose(self.n, x) + self.ln_choose(self.m, self.k - x) - self.all)

    def rise(self, x):
        return mpf((self.n - x) * (self.k - x)) / ((x + 1) * (self.m - self.k + x + 1))

    def tail(self, x, step):
        """The mass of x and all beyond it, in the direction of the step."""
        if not self.first <= x <= self.last:
            return mpf(0)
        sum_, mass = mpf(0), self.mass(x)
        while mass > sum_ * mpf(10) ** -25:
            sum_ += mass
            if x == (self.last if step > 0 else self.first):
                break
            mass = mass * self.rise(x) if step > 0 else mass / self.rise(x - 1)
            x += step
        return sum_

    def at_least(self, x):
        # From the far side of the mode it takes a difference, of which 50 digits leave enough.
        mode = (self.k + 1) * (self.n + 1) // (self.n + self.m + 2)
        return self.tail(x, 1) if x >= mode else 1 - self.tail(x - 1, -1)

    def not_more_likely(self, x):
        limit = self.mass(x) * (1 + mpf(10) ** -14)
        mode = (self.k + 1) * (self.n + 1) // (self.n + self.m + 2)
        if self.mass(mode) <= limit:
            return mpf(1)
        below, above = (mode, self.last + 1) if x < mode else (self.first - 1, mode)
        while above - below > 1:
            middle = (below + above) // 2
            likely = self.mass(middle) > limit
            if likely == (x < mode):
                below = middle
            else:
                above = middle
        return self.tail(x, -1) + self.tail(above, 1) if x < mode else self.tail(x, 1) + self.tail(below, -1)


def fisher(x, n, y, m):
    table = [[x, n - x], [y, m - y]]
    scipy = [float(stats.fisher_exact(table, alternative=which).pvalue) for which in ("greater", "two-sided")]
    dealt = Dealt(x, n, y, m)
    return {"scipy": scipy, "exact": [float(dealt.at_least(x)), float(dealt.not_more_likely(x))]}


def newcombe(x, n, y, m, confidence):
    found = confint_proportions_2indep(x, n, y, m, method="newcomb", compare="diff", alpha=1 - confidence)
    return [float(limit) for limit in found]


def clopper_pearson(x, n, confidence):
    scipy = stats.binomtest(x, n).proportion_ci(confidence, method="exact")
    statsmodels = proportion_confint(x, n, alpha=1 - confidence, method="beta")
    return [[float(scipy.low), float(scipy.high)], [float(limit) for limit in statsmodels]]


def finite(number):
    return float(number) if number is not None and numpy.isfinite(number) else None


def order_statistic(sample, q, alpha):
    """None where SciPy has no bound: an infinity or not a number."""
    bounds = [
        stats.quantile_test(sample, q=0, p=q, alternative=which).confidence_interval(1 - alpha)
        for which in ("greater", "less")
    ]
    return [finite(bounds[0].low), finite(bounds[1].high)]


def quantile_difference(candidate, baseline, q, alpha, margin):
    """The lower bound at one alpha, and the least alpha of all at which it exceeds the margin."""
    qc, qb = numpy.quantile(candidate, q), numpy.quantile(baseline, q)
    n, m = len(candidate), len(baseline)
    lower_errors = stats.binom.cdf(numpy.arange(n), n, q)
    upper_errors = stats.binom.sf(numpy.arange(m), m, q)

    def distances(alpha):
        below, above = numpy.nonzero(lower_errors <= alpha)[0], numpy.nonzero(upper_errors <= alpha)[0]
        if len(below) == 0 or len(above) == 0:
            return None
        return max(0.0, qc - candidate[below[-1]]), max(0.0, baseline[above[0]] - qb)

    shape = distances(0.05)
    lopsided = shape is None or shape[0] > 5 * shape[1]

    def bound(alpha):
        sides = distances(alpha / 2 if lopsided else alpha)
        if sides is None:
            return None
        return float(qc - qb - (sum(sides) if lopsided else numpy.hypot(*sides)))

    steps = sorted((2 if lopsided else 1) * error for error in [*lower_errors, *upper_errors])
    # A hair above each step, so that rounding in the binomial tails does not decide.
    shown = (step for step in steps if step <= 0.5 and (bound(step * (1 + 1e-12)) or -numpy.inf) > margin)
    at_most_half = bound(0.5) is not None and bound(0.5) > margin
    return [bound(alpha), float(next(shown, 0.5 if at_most_half else 1.0))]


def corrections(p):
    return [list(map(float, multipletests(p, method=method)[1])) for method in ("holm", "fdr_bh")]


def cliffs_delta(candidate, baseline):
    pairs = len(candidate) * len(baseline)
    return float(2 * stats.mannwhitneyu(candidate, baseline, method="asymptotic").statistic / pairs - 1)


def smallest_rate(y, m, n, alpha, power):
    below, above = -1, n + 1
    while above - below > 1:
        middle = (below + above) // 2
        p = stats.fisher_exact([[middle, n - middle], [y, m - y]], alternative="greater").pvalue
        below, above = (below, middle) if p <= alpha else (middle, above)
    return float(stats.beta.ppf(power, above, n - above + 1)) if above <= n else None


METHODS = [
    fisher, newcombe, clopper_pearson, order_statistic, quantile_difference, corrections, cliffs_delta, smallest_rate,
]  # fmt: skip
questions = json.load(sys.stdin)
numpy.seterr(all="ignore")
print(json.dumps({method.__name__: [method(*case) for case in questions[method.__name__]] for method in METHODS}))
