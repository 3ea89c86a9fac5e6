"""What the cells of a column mean: labels of attributes, classes, groups, weights.

Every error names the file, the column and the value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coupling._names import hint

Floats = npt.NDArray[np.float64]

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null"})
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MOST_ENTRIES = 2**19  # of classes by attributes: what asks for more numbers samples perhaps
LONGEST_NAME = 256
BOOLEANS = {"false": 0.0, "true": 1.0}
MISSING_LABEL = 999.0  # what annotators of action units write where a unit cannot be seen


class Cells:
    """Turns the columns of label files into arrays.

    Args:
        attributes: how many there are.
        missing: what means missing beside empty cells, whole negative numbers and, for attributes, 999.
        negative: the number that is a label of 0, where it is not 0 itself.
        classes: names of the classes in their order; those that occur by default.
    """

    def __init__(
        self,
        *,
        attributes: int,
        missing: Sequence[str] = (),
        negative: float | None = None,
        classes: Sequence[str] | None = None,
    ) -> None:
        self._attributes = attributes
        self._most_classes = max(MOST_ENTRIES // max(attributes, 1), 1)
        self._missing_words = {word.strip() for word in missing}
        self._missing_numbers = [float(word) for word in missing if _is_number(word)]
        self._negative = negative
        if negative in self._missing_numbers:
            raise ValueError(f"--negative and --missing should differ, both are {negative:g}")
        self._classes = None if classes is None else {name: index for index, name in enumerate(classes)}
        self._numerals = classes is not None and all(name.isdecimal() for name in classes)
        self._sample: dict[str, str] = {}  # a cell of each kind that the class column holds
        self._names: set[str] = set()

    def attribute_labels(self, column: Any, where: str) -> Floats:
        """Return labels in [0, 1], and what is missing as NaN or a negative number."""
        labels = self._numbers(column, where, "labels from 0 to 1")
        if self._negative is not None:
            labels = np.where(labels == self._negative, 0.0, labels)
        labels = np.where(labels == MISSING_LABEL, np.nan, labels)
        fits = np.isnan(labels) | ((labels >= 0) & (labels <= 1)) | _is_negative_whole(labels)
        if not fits.all():
            raise ValueError(f"{where} should hold labels from 0 to 1, got {labels[~fits][0]:g}")
        return labels

    def class_labels(self, column: Any, where: str) -> npt.NDArray[Any]:
        """Return integers, negative where missing, or names with None where missing.

        They are integers where the names of the classes are given.
        """
        encoded = _encoded(column, where, "integers or names")
        codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
        labels = [self._class_label(str(text), where) for text in encoded.dictionary.to_pylist()]
        if len(self._sample) > 1:
            number, name = (self._sample[kind] for kind in ("number", "name"))
            raise ValueError(
                f"{where} should hold integers or names, got {number} and {name!r}"
                f" (if one means missing, add --missing {name})"
            )
        if self._classes is None and "name" in self._sample:
            distinct = np.array([*labels, None], object)
        else:
            distinct = np.array([*(-1 if label is None else label for label in labels), -1], np.int64)
        return np.asarray(distinct[codes])

    def _class_label(self, text: str, where: str) -> int | str | None:
        """Return what one cell of a class column stands for, None where it is missing."""
        text = text.strip()
        if text in self._missing_words or text.lower() in ("", "nan"):
            return None
        if not _is_number(text):
            self._sample.setdefault("name", text)
            return self._name(text, where) if self._classes is None else self._position(text, where)
        number = float(text)
        if number in self._missing_numbers:
            return None
        if text in (self._classes or ()):  # a name among others that are none
            self._sample.setdefault("number" if self._numerals else "name", text)
            return self._position(text, where)
        self._sample.setdefault("number", text)
        if not number.is_integer():
            raise ValueError(f"{where} should hold integers or names, got {text}")
        if number < 0:
            return None
        if self._numerals:
            return self._position(str(int(number)), where)
        if self._classes is not None and number >= len(self._classes):
            count = len(self._classes)
            raise ValueError(f"{where} should be below {count}, as there are {count} classes, got {text}")
        if self._classes is None and number >= self._most_classes:
            raise ValueError(f"{where} should hold names, or integers from 0 to C - 1, got {text}")
        return int(number)

    def _name(self, name: str, where: str) -> str:
        _check_length(name, where)
        self._names.add(name)
        if len(self._names) > self._most_classes:
            raise ValueError(
                f"{where} should hold at most {self._most_classes} names of classes, as there are"
                f" {self._attributes} attributes, holds more"
            )
        return name

    def _position(self, name: str, where: str) -> int:
        classes = self._classes or {}
        if name not in classes:
            raise ValueError(
                f"{where} should hold names of the classes, got {name!r} ({hint(name, tuple(classes))})"
            )
        return classes[name]

    def groups(self, column: Any, where: str) -> npt.NDArray[Any]:
        """Return the names of the groups."""
        encoded = _encoded(column, where, "names or integers")
        names = np.array(encoded.dictionary.to_pylist(), object)
        for name in names:
            _check_length(name, where)
        if encoded.null_count or "" in names:
            raise ValueError(f"{where} should name a group in every row, got an empty cell")
        return np.asarray(names[encoded.indices.to_numpy()])

    def weights(self, column: Any, where: str) -> Floats:
        """Return numbers of at least 0."""
        weights = self._numbers(column, where, "numbers of at least 0")
        fits = (weights >= 0) & np.isfinite(weights)
        if not fits.all():
            raise ValueError(f"{where} should hold numbers of at least 0, got {weights[~fits][0]:g}")
        return weights

    def _numbers(self, column: Any, where: str, wanted: str) -> Floats:
        """Return a column as float64, NaN where a cell is missing."""
        kind = column.type
        if pa.types.is_boolean(kind):
            column = pc.cast(column, pa.int8())
        elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            encoded = _encoded(column, where, wanted)
            column = self._parsed(encoded.dictionary, where, wanted).take(encoded.indices)
        numbers = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        if self._missing_numbers:
            numbers = np.where(np.isin(numbers, self._missing_numbers), np.nan, numbers)
        return np.asarray(numbers, np.float64)

    def _parsed(self, texts: Any, where: str, wanted: str) -> Any:
        if not self._missing_words:
            try:
                return pc.cast(texts, pa.float64())
            except pa.ArrowInvalid:  # words among the numbers: one by one
                pass
        numbers = []
        for text in texts.to_pylist():
            word = text.strip()
            if word in self._missing_words or word.lower() in MISSING_WORDS:
                numbers.append(np.nan)
            elif word.lower() in BOOLEANS:
                numbers.append(BOOLEANS[word.lower()])
            elif _is_number(word):
                numbers.append(float(word))
            else:
                raise ValueError(f"{where} should hold {wanted}, got {word!r}")
        return pa.array(numbers, pa.float64())


class Signs:
    """Finds columns that hold -1 and 1 and no other label, as CelebA's do, where -1 is a label."""

    def __init__(self, size: int) -> None:
        self._minus, self._one, self._other = np.zeros((3, size), bool)

    def update(self, labels: Floats) -> None:
        """Look at some more labels, (B, A)."""
        self._minus |= (labels == -1).any(axis=0)
        self._one |= (labels == 1).any(axis=0)
        self._other |= ((labels >= 0) & (labels < 1)).any(axis=0)

    def check(self, names: Sequence[str], where: str) -> None:
        """Refuse such a column."""
        for column in np.flatnonzero(self._minus & self._one & ~self._other).tolist():
            raise ValueError(
                f"{where}: column {names[column]!r} holds -1 and 1 and never 0, like CelebA's, where -1 means"
                " absent: add --negative -1, or convert by (x + 1) / 2; add --missing -1 if it means missing"
            )


def _encoded(column: Any, where: str, wanted: str) -> Any:
    """Return a column as text, every distinct one that occurs once, without empty cells."""
    if not pa.types.is_dictionary(column.type):
        return _as_text(column, where, wanted).dictionary_encode()
    used = column.indices.unique().drop_null()
    texts = _as_text(column.dictionary.take(used), where, wanted).fill_null("")
    return pa.DictionaryArray.from_arrays(pc.index_in(column.indices, used, skip_nulls=True), texts)


def _as_text(column: Any, where: str, wanted: str) -> Any:
    types = pa.types
    text = (types.is_string, types.is_large_string, types.is_string_view)
    if not any(fits(column.type) for fits in (*text, types.is_integer, types.is_floating, types.is_null)):
        raise ValueError(f"{where} should hold {wanted}, has the type {column.type}")
    return pc.cast(column, pa.string())


def _check_length(name: str, where: str) -> None:
    if len(name) > LONGEST_NAME:
        raise ValueError(
            f"{where} should hold names of at most {LONGEST_NAME} letters, got one of {len(name)}"
        )


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text.strip()) is not None


def _is_negative_whole(numbers: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray((numbers < 0) & (numbers == np.floor(numbers)) & np.isfinite(numbers))
