"""Other views of a relatedness: how sure it is, nearer to 0 and 1, and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from coupling._check import check_number
from coupling._fields import Matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from coupling._relatedness import Relatedness


class Views:
    """The views, as methods of `Relatedness`."""

    __slots__ = ()

    if TYPE_CHECKING:  # what Relatedness has

        @property
        def conditional(self) -> Matrix: ...
        @property
        def weights(self) -> Matrix: ...
        @property
        def support(self) -> Matrix | None: ...
        def _with(self, conditional: Matrix, weights: Matrix) -> Relatedness: ...

    def interval(self, *, level: float = 0.95) -> tuple[Matrix, Matrix]:
        """Return between which values each entry of K lies, low and high (C, A), at a credible `level`.

        The quantiles of the posterior Beta(K N + 1/2, (1 - K) N + 1/2), that of Jeffreys' prior, with N the
        `support`: the fewer samples an entry was counted from, the wider.

        Args:
            level: in (0, 1), the posterior probability of the interval.

        Raises:
            ValueError: where there is no `support`, or `level` is out of range.
            ImportError: without SciPy, names the extra to install.

        Example:
            >>> from coupling import Relatedness
            >>> low, high = Relatedness([[0.5, 0.5]], support=[[10, 1000]]).interval()
            >>> low.round(2), high.round(2)
            (array([[0.22, 0.47]]), array([[0.78, 0.53]]))
        """
        return _interval(self.conditional, self.support, level)

    def binarized(self, *, threshold: float = 0.5) -> Relatedness:
        """Return the paper's 0/1 matrix: K is 1 where it is at least `threshold`, else K and W are 0.

        Args:
            threshold: in (0, 1].

        Raises:
            ValueError: for a threshold out of range.

        Example:
            >>> from coupling import Relatedness
            >>> Relatedness([[0.7, 0.2]]).binarized().conditional
            array([[1., 0.]])
        """
        conditional = _binarized(self.conditional, threshold)
        return self._with(conditional, self.weights * conditional)

    def sharpened(self, *, temperature: float = 0.5) -> Relatedness:
        """Return K drawn towards 0 and 1, its logits divided by `temperature`; W stays.

        K^(1/T) / (K^(1/T) + (1 - K)^(1/T)), the nearer to `binarized()` the lower T.

        Args:
            temperature: T above 0; 1 changes nothing, above 1 draws K towards one half.

        Raises:
            ValueError: for a temperature out of range.

        Example:
            >>> from coupling import Relatedness
            >>> Relatedness([[0.75, 0.5, 0.0]]).sharpened().conditional
            array([[0.9, 0.5, 0. ]])
        """
        return self._with(_sharpened(self.conditional, temperature), self.weights)

    def plot(
        self,
        *,
        values: Literal["conditional", "weights"] = "conditional",
        ax: Axes | None = None,
    ) -> Axes:
        """Draw K or W as a heat map: a row a class, a column an attribute; names and numbers where they fit.

        Rows about which nothing is known are hatched. Without `ax`, the figure is a new one that pyplot does
        not know of: nothing has to be closed, and no display is needed. A notebook shows what is returned.

        Args:
            values: "conditional" for K or "weights" for W.
            ax: Matplotlib's Axes to draw on; those of a new figure of fitting size by default.

        Returns:
            The axes, ``relatedness.plot().figure.savefig("heat.png")`` saves them.

        Raises:
            ImportError: without Matplotlib, which ``pip install "coupling[plot]"`` brings.
            TypeError: where `ax` is no Axes.
            ValueError: for other `values`.

        Example:
            >>> from coupling.knowledge import du2014
            >>> [name.get_text() for name in du2014().plot(values="weights").get_yticklabels()][:2]
            ['neutral', 'happiness']
        """
        from coupling._plot import heat_map

        return heat_map(cast("Relatedness", self), values, ax)


def _interval(conditional: Matrix, support: Matrix | None, level: float) -> tuple[Matrix, Matrix]:
    """Return the quantiles of Beta(K N + 1/2, (1 - K) N + 1/2) on both sides of `level`."""
    check_number("level", level, 0.0, 1.0)
    if support is None:
        raise ValueError("support should be there for an interval, got None: K was not counted")
    try:
        from scipy.special import betaincinv
    except ModuleNotFoundError as error:
        raise ImportError('intervals need SciPy: pip install "coupling[data]"') from error
    present, absent = conditional * support + 0.5, (1.0 - conditional) * support + 0.5
    tail = (1.0 - level) / 2
    return betaincinv(present, absent, tail), betaincinv(present, absent, 1.0 - tail)


def _binarized(conditional: Matrix, threshold: float) -> Matrix:
    """Return 1 where K is at least `threshold`, else 0."""
    check_number("threshold", threshold, 0.0, 1.0, closed="high")
    matrix: Matrix = (conditional >= threshold).astype(np.float64)
    return matrix


def _sharpened(conditional: Matrix, temperature: float) -> Matrix:
    """Return K^(1/T) / (K^(1/T) + (1 - K)^(1/T)), each power divided by the larger so that none vanishes."""
    check_number("temperature", temperature, 0.0, float("inf"))
    larger = np.maximum(conditional, 1.0 - conditional)
    present = (conditional / larger) ** (1.0 / temperature)
    absent = ((1.0 - conditional) / larger) ** (1.0 / temperature)
    matrix: Matrix = present / (present + absent)
    return matrix
