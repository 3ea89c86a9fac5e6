"""How two tasks are related: the one thing that a user has to bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coupling import _fields, _names, _storage, _table
from coupling._fields import Matrix
from coupling._views import Views


class Relatedness(Views):
    r"""What the C classes of one task say about the A binary attributes of another.

    .. math:: K_{ci} = p(\text{attribute } i \mid \text{class } c), \qquad W_{ci} \ge 0

    Immutable; the arrays are read-only float64. Two are equal if their values and names are.

    Args:
        conditional: K (C, A) in [0, 1], the probability of each attribute given each class (equation 2).
        weights: W (C, A), at least 0, the weights of the indicator score (equation 4); K by default.
        classes: C unique names; class_0, class_1, … by default.
        attributes: A unique names; attribute_0, … by default.
        known: (C,) boolean, False for a class about which nothing is known ("other"); all True by default.
        source: where this comes from, for people to read.
        support: (C, A), at least 0, from how many samples each entry of K was counted; None where it was not.

    Raises:
        TypeError: where `conditional`, `weights` or `known` does not hold numbers or booleans.
        ValueError: for a wrong shape, a value out of range, or names that are not unique.

    Example:
        >>> names = {"classes": ["gull", "crow"], "attributes": ["white", "black"]}
        >>> birds = Relatedness([[0.9, 0.1], [0.2, 0.7]], **names)
        >>> birds
        Relatedness(2 classes x 2 attributes)
        >>> birds.align(classes=["crow"]).conditional
        array([[0.2, 0.7]])

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, "Task-Relatedness".
    """

    __slots__ = ("_attributes", "_classes", "_conditional", "_known", "_source", "_support", "_weights")

    def __init__(
        self,
        conditional: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        *,
        classes: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
        known: npt.ArrayLike | None = None,
        source: str = "",
        support: npt.ArrayLike | None = None,
    ) -> None:
        k = _fields.matrix("conditional", conditional, upper=1.0)
        w = k if weights is None else _fields.matrix("weights", weights)
        n = None if support is None else _fields.matrix("support", support)
        for name, own in (("weights", w), ("support", n)):
            if own is not None and own.shape != k.shape:
                raise ValueError(f"{name} should have the shape of conditional, {k.shape}, got {own.shape}")
        if not isinstance(source, str):
            raise TypeError(f"source should be a string, got {type(source).__name__}")
        _fields.check_text("source", source)
        self._conditional = k
        self._weights = w
        self._classes = _fields.names("classes", classes, k.shape[0], "class")
        self._attributes = _fields.names("attributes", attributes, k.shape[1], "attribute")
        self._known = _fields.flags("known", known, k.shape[0])
        self._source = source
        self._support = n

    @property
    def conditional(self) -> Matrix:
        """K (C, A), p(attribute | class)."""
        return self._conditional

    @property
    def weights(self) -> Matrix:
        """W (C, A), the weights of the indicator score."""
        return self._weights

    @property
    def classes(self) -> tuple[str, ...]:
        """The C names of the classes."""
        return self._classes

    @property
    def attributes(self) -> tuple[str, ...]:
        """The A names of the attributes."""
        return self._attributes

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(C,), False for a class about which nothing is known."""
        return self._known

    @property
    def source(self) -> str:
        """Where this comes from."""
        return self._source

    @property
    def support(self) -> Matrix | None:
        """(C, A), from how many samples each entry of K was counted; None where it was not."""
        return self._support

    def __repr__(self) -> str:
        return f"Relatedness({len(self.classes)} classes x {len(self.attributes)} attributes)"

    def _key(self) -> tuple[Any, ...]:
        arrays = (self.conditional, self.weights, self.known)  # float32 where JAX has put the matrices
        return (self.classes, self.attributes, *(np.asarray(array, float).tobytes() for array in arrays))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Relatedness) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.to_dict(),)

    @classmethod
    def from_table(
        cls,
        prototypical: Mapping[str, Iterable[str]],
        observational: Mapping[str, Mapping[str, float]],
        *,
        classes: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
        known: npt.ArrayLike | None = None,
        source: str = "",
    ) -> Relatedness:
        """Return the relatedness of a table such as the paper's Table 1.

        K is 1 where either mapping lists the pair, else 0; W is 1 for a prototypical attribute and w for an
        observational one.

        Args:
            prototypical: the attributes that each class always shows.
            observational: the attributes that a fraction w > 0 of observers saw, by class.
            classes: the order of the classes; that of the mappings by default. A class that neither lists
                gets a row of zeros: none of the attributes is seen with it.
            attributes: the order of the attributes; that of their first mention by default.
            known: (C,) boolean, False for a class about which nothing is known; all True by default.
            source: where the table comes from.

        Raises:
            TypeError: where `prototypical`, `observational` or an entry of the latter is no mapping.
            ValueError: for a name that is not in `classes` or `attributes`, a pair listed twice, or w that is
                not above 0.

        Example:
            >>> table = Relatedness.from_table({"happy": ["AU12", "AU25"]}, {"happy": {"AU6": 0.51}})
            >>> table.attributes, table.weights
            (('AU12', 'AU25', 'AU6'), array([[1.  , 1.  , 0.51]]))

        References:
            Kollias, Sharmanska and Zafeiriou, AAAI 2024, Table 1 and equation 4.
        """
        table = _table.read(prototypical, observational, classes, attributes)
        return cls(table.weights > 0, **table._asdict(), known=known, source=source)

    @classmethod
    def from_annotations(
        cls,
        class_labels: Any,
        attribute_labels: Any,
        *,
        classes: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
        smoothing: float = 0.0,
        sample_weight: Any = None,
        groups: Any = None,
        min_support: float = 0.0,
    ) -> Relatedness:
        r"""Return the relatedness counted from samples that are annotated for both tasks.

        .. math:: K_{ci} = W_{ci} = \frac{n_{ci} + s\, b_i}{N_{ci} + s}

        with n the samples with the class and the attribute, N (the `support`) the samples with the class
        whose label for that attribute is there, b the attribute's rate over all classes and s the smoothing.
        `coupling.RelatednessCounts` does the same piece by piece.

        Args:
            class_labels: (B,), integers (negative means missing) or names (None or "" means missing).
            attribute_labels: (B, A), real: a value in [0, 1] is a label, hard or soft; any other is missing.
                NumPy or Array API arrays, sparse matrices, pandas, polars, PyArrow or Dask tables.
            classes: names of the classes; all that occur, or up to the largest number, by default.
            attributes: names of the attributes, which choose a table's columns; all of them by default.
            smoothing: s, at least 0, in samples.
            sample_weight: (B,), at least 0, what each sample counts; 1 by default.
            groups: (B,), the group of each sample, as the video of a frame: it counts once in a class.
            min_support: the number of samples below which a class is not `known`.

        Raises:
            TypeError: where the labels are neither integers nor names, or no numbers.
            ValueError: for shapes that do not fit, a label beyond `classes`, or a negative weight.
            KeyError: for a class or a column that is not there; the message lists close matches.

        Example:
            >>> counted = Relatedness.from_annotations([0, 0, 1, -1], [[1, 0], [0, -1], [1, 1], [1, 1]])
            >>> counted.conditional
            array([[0.5, 0. ],
                   [1. , 1. ]])

        References:
            Kollias, Sharmanska and Zafeiriou, AAAI 2024, "Case Study II".
        """
        from coupling._counts import RelatednessCounts  # which gives a Relatedness

        counts = RelatednessCounts.from_annotations(
            class_labels,
            attribute_labels,
            classes=classes,
            attributes=attributes,
            sample_weight=sample_weight,
            groups=groups,
        )
        return counts.to_relatedness(smoothing=smoothing, min_support=min_support)

    def align(
        self, classes: Sequence[str] | None = None, attributes: Sequence[str | int] | None = None
    ) -> Relatedness:
        """Return this relatedness with the named classes and attributes only, in the order given.

        A name that stands here exactly means that; otherwise case, surrounding blanks and quotes do not
        count, expressions have their adjectives (happy for happiness), and AU1, AU01, au_1, AU 1 and the
        integer 1, which attributes may be, are one action unit. The result has the names as they were given.

        A string in place of a sequence names the order of a dataset (`coupling.knowledge.orders`). It has to
        have every class that is here; the classes that it adds are not `known`, the attributes that it adds
        have columns of zeros, and attributes that it lacks are left out.

        Args:
            classes: names, or the name of an order; all and as they stand by default.
            attributes: names, or the name of an order; all and as they stand by default.

        Raises:
            KeyError: for a name that is not there (the message lists close matches), and for an order that
                there is not.
            TypeError: for a name that is no string.
            ValueError: for two names of one class or attribute, a name that could mean two of them, or an
                order that leaves out a class.

        Example:
            >>> names = {"classes": ["happiness", "sadness"], "attributes": ["AU6", "AU4"]}
            >>> table = Relatedness([[1, 0], [0, 1]], **names)
            >>> table.align(["Sad", "Happy"], [4]).classes
            ('Sad', 'Happy')
        """
        rows, class_names = _names.select("classes", classes, self.classes)
        columns, attribute_names = _names.select("attributes", attributes, self.attributes)
        return Relatedness(
            _names.take(self.conditional, rows, columns),
            _names.take(self.weights, rows, columns),
            classes=class_names,
            attributes=attribute_names,
            known=_names.take_known(self.known, rows),
            source=self.source,
            support=None if self.support is None else _names.take(self.support, rows, columns),
        )

    def _with(self, conditional: Matrix, weights: Matrix) -> Relatedness:
        """Return a twin with other matrices."""
        return Relatedness(
            conditional,
            weights,
            classes=self.classes,
            attributes=self.attributes,
            known=self.known,
            source=self.source,
            support=self.support,
        )

    def _with_arrays(self, conditional: Any, weights: Any) -> Relatedness:
        """Return a twin whose matrices are a framework's own arrays, unchecked, for the adapters."""
        twin = object.__new__(Relatedness)
        twin._conditional, twin._weights = conditional, weights
        twin._classes, twin._attributes = self._classes, self._attributes
        twin._known, twin._source, twin._support = self._known, self._source, self._support
        return twin

    def to_dict(self) -> dict[str, Any]:
        """Return everything as lists, strings, numbers and booleans."""
        return {
            "classes": list(self.classes),
            "attributes": list(self.attributes),
            "known": self.known.tolist(),
            "conditional": np.asarray(self.conditional).tolist(),
            "weights": np.asarray(self.weights).tolist(),
            "source": self.source,
            "support": None if self.support is None else self.support.tolist(),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Relatedness:
        """Return the relatedness that `to_dict` was called on.

        Raises:
            TypeError: where something is of another type.
            ValueError: where something is missing, superfluous or out of range.

        Example:
            >>> table = Relatedness([[0.5, 1.0]])
            >>> Relatedness.from_dict(table.to_dict()) == table
            True
        """
        return cls(**_storage.fields(content))

    def save(self, path: str | PathLike[str]) -> None:
        """Write this relatedness to a JSON file, whole or not at all.

        Example:
            >>> from tempfile import TemporaryDirectory
            >>> table = Relatedness([[0.5, 1.0]], classes=["gull"])
            >>> with TemporaryDirectory() as folder:
            ...     table.save(f"{folder}/birds.json")
            ...     Relatedness.load(f"{folder}/birds.json") == table
            True
        """
        _storage.write(Path(path), _storage.encode(self.to_dict()))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Relatedness:
        """Read a file that `save` wrote, see there; the round trip is exact.

        Raises:
            ValueError: where the file is not one, says what is wrong with it.
            OSError: where the file cannot be read.
        """
        content = _storage.read(Path(path))
        try:
            return cls.from_dict(content)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: not a relatedness file: {error}") from None


def _rebuild(content: dict[str, Any]) -> Relatedness:
    return Relatedness.from_dict(content)
