from pathlib import Path

import numpy as np
import pytest
from dataset_trees import aff_wild2, raf_db
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.datasets import load, splits

identities = st.lists(st.integers(0, 6), min_size=1, max_size=60)
fractions = st.sampled_from([(0.8, 0.1, 0.1), (0.1, 0.45, 0.45), (0.5, 0.0, 0.5), (0.9, 0.1, 0.0), (1, 0, 0)])
seeds = st.integers(0, 2**40)


def names(size: int) -> list[str]:
    return [f"{number:06d}.jpg" for number in range(size)]


@given(identities, fractions, seeds)
def test_every_identity_is_in_all_splits(identities, fractions, seed):
    codes = splits.assign(names(len(identities)), identities, fractions=fractions, seed=seed)
    asked = {code for code, fraction in enumerate(fractions) if fraction}
    for identity in set(identities):
        own = codes[np.array(identities) == identity]
        assert set(own) <= asked
        assert 0 in own
        if len(own) >= len(asked):
            assert set(own) == asked
        if len(own) == 2 and fractions[2]:
            assert 2 in own


@given(identities, seeds, st.randoms())
def test_order_does_not_matter(identities, seed, random):
    pairs = list(zip(names(len(identities)), identities, strict=True))
    codes = dict(
        zip(names(len(identities)), splits.assign(*zip(*pairs, strict=True), seed=seed), strict=True)
    )
    random.shuffle(pairs)
    shuffled = splits.assign(*zip(*pairs, strict=True), seed=seed)
    assert [codes[name] for name, _ in pairs] == shuffled.tolist()


@given(identities, seeds)
def test_other_identities_do_not_matter(identities, seed):
    whole = splits.assign(names(len(identities)), identities, seed=seed)
    own = np.flatnonzero(np.array(identities) == identities[0])
    alone = splits.assign(np.array(names(len(identities)))[own], seed=seed)
    np.testing.assert_array_equal(alone, whole[own])


def test_sizes_are_the_fractions():
    codes = splits.assign(names(10_000), np.arange(10_000) // 100, fractions=(0.7, 0.1, 0.2))
    np.testing.assert_array_equal(np.bincount(codes), [7000, 1000, 2000])
    other = splits.assign(names(10_000), np.arange(10_000) // 100, fractions=(0.7, 0.1, 0.2), seed=1)
    assert 0.4 < np.mean(other == codes) < 0.7  # as often as by chance


def test_split_is_the_same_everywhere():
    """By the digests of the names, so that no other version of anything draws another."""
    assert splits.assign(names(10)).tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("bad", [(0.5, 0.5), (0.5, 0.4, 0.2), (0.0, 0.5, 0.5), (1.2, -0.1, -0.1)])
def test_bad_fractions(bad):
    with pytest.raises(
        ValueError, match="fractions should be three that add up to 1, the first above 0, got"
    ):
        splits.assign(names(3), fractions=bad)


def test_names_are_unique():
    with pytest.raises(ValueError, match="names should be unique"):
        splits.assign(["a", "a"])


@given(st.integers(1, 40), st.integers(0, 5), seeds)
def test_halves(size, repetition, seed):
    first, second = (
        splits.halves(names(size), repetition=repetition, fold=fold, seed=seed) for fold in (0, 1)
    )
    np.testing.assert_array_equal(first + second, 2)
    assert abs(int(np.sum(first == 0)) - int(np.sum(first == 2))) <= size % 2
    if size > 30:
        assert not np.array_equal(
            first, splits.halves(names(size), repetition=repetition + 1, fold=0, seed=seed)
        )


def test_bad_fold():
    with pytest.raises(ValueError, match="fold should be 0 or 1, got 2"):
        splits.halves(names(3), repetition=0, fold=2)


def test_hold_out_takes_of_each_class(tmp_path: Path):
    raf_db.write(tmp_path, train=[1, 2, 3, 4, 5, 6, 7] * 4)
    faces = load("raf-db", tmp_path)
    held = splits.hold_out(faces, 0.25, seed=3)
    np.testing.assert_array_equal(held.split == 2, faces.split == 2)
    assert np.bincount(held.select(split="validation").class_labels).tolist() == [1] * 7


def test_hold_out_takes_whole_videos(tmp_path: Path):
    aff_wild2.write(tmp_path)
    faces = load("aff-wild2", tmp_path)
    held = splits.hold_out(faces, 0.5, groups=True)
    np.testing.assert_array_equal(held.split[faces.split == 1], 1)
    for split in ("train", "validation"):
        others = held.take(held.split != splits.SPLITS.index(split))
        assert not set(held.select(split=split).group) & set(others.group)
    assert len(held.select(split="validation")) > len(faces.select(split="validation"))


@given(identities, seeds)
def test_files(tmp_path_factory, identities, seed):
    path = tmp_path_factory.mktemp("split") / "split.txt"
    codes = splits.assign(names(len(identities)), identities, seed=seed)
    digest = splits.write(path, reversed(names(len(identities))), reversed(codes))
    assert splits.read(path) == dict(zip(names(len(identities)), codes.tolist(), strict=True))
    assert splits.write(path, names(len(identities)), codes) == digest


@pytest.mark.parametrize("line", ["a.jpg", "b.jpg 3", "b.jpg one", "a.jpg 1"])
def test_bad_files(tmp_path: Path, line: str):
    (tmp_path / "split.txt").write_text(f"a.jpg 0\n{line}\n")
    with pytest.raises(ValueError, match=r"split.txt:2: should be a new name and 0, 1 or 2, got"):
        splits.read(tmp_path / "split.txt")
