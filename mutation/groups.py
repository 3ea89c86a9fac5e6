"""Which tests have to notice the mutants of which files."""

import re
from typing import NamedTuple

BARE = "numpy strict strict-lazy"


class Group(NamedTuple):
    """Files by patterns, the tests that run for them, the backends that take part, and tests to leave out.

    A fork of a process in which some libraries have computed hangs. Where these are `imported`, each mutant
    has a process that is forked from one in which they have not.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]
    backends: str
    without: str
    imported: tuple[str, ...]


def _group(files: str, tests: str, backends: str = BARE, without: str = "", *, imported: str = "") -> Group:
    """Take files below ``coupling/``, and tests as ``folder/topic`` or ``folder/topic::test``."""
    parts = (re.fullmatch(r"(.*/)?(\w+)(::\w+)?", test) for test in tests.split())
    return Group(
        tuple(f"coupling/{path}.py" for path in files.split()),
        tuple("tests/{}test_{}.py{}".format(*part.groups("")) for part in parts if part),
        backends,
        without,
        tuple(imported.split()),
    )


GROUPS = {
    "numeric": _group("_numeric _divergence", "numeric"),
    "machinery": _group(
        "_check _namespace _bind _reduce losses/_common losses/_participants",
        "check namespace bind losses/common losses/participants",
    ),
    "normalizer": _group("_normalizer", "normalizer losses/normalizer", "torch"),
    "matching": _group(
        "losses/_matching losses/_distribution_matching losses/_categorical_distribution_matching",
        "losses/distribution_matching losses/categorical_distribution_matching losses/worked_examples"
        " losses/degenerate_optima losses/bad_input losses/arguments losses/invariances"
        " losses/normalizer_alone",
    ),
    "annotation": _group(
        "losses/_annotation losses/_soft_co_annotation losses/_categorical_soft_co_annotation",
        "losses/soft_co_annotation losses/categorical_soft_co_annotation losses/worked_examples"
        " losses/degenerate_optima losses/bad_input losses/arguments losses/invariances"
        " losses/normalizer_alone",
    ),
    "task": _group(
        "losses/_task",
        "losses/task_losses losses/worked_examples losses/bad_input losses/precision losses/arguments"
        " losses/normalizer_alone",
    ),
    "coupled": _group(
        "losses/_coupled losses/_coupling losses/_coupled_graph",
        "losses/coupled losses/coupled_arguments losses/coupled_graph losses/bad_input losses/arguments",
    ),
    "counting": _group(
        "_counts _exact _tally _tables _groups",
        "counts counts_tables exact groups estimation doctests"
        " cluster::test_arrays_in_any_chunks cluster::test_tables_in_any_partitions",
        imported="pandas polars pyarrow dask.array dask.dataframe distributed",
    ),
    "dask": _group(
        "_dask",
        "cluster",
        without="loses_a_worker",
        imported="dask.array dask.dataframe distributed pandas pyarrow",
    ),
    "relatedness": _group(
        "_relatedness _names _fields _table _storage _views knowledge",
        "relatedness names storage views knowledge estimation errors::test_bad_object errors::test_bad_file",
    ),
    "graph": _group("_graph _edge _tasks", "graph"),
    "diagnosis": _group("_diagnosis _findings _flatness", "diagnosis diagnosis_edges findings"),
    "plot": _group("_plot", "plot plot_parts"),
    "package": _group("__init__ losses/__init__ data/__init__", "imports::test_names_that_come_late"),
    "cli": _group(
        "__main__ cli/*",
        "cli/bad_input cli/diagnose cli/diff cli/estimate cli/main cli/plot cli/show"
        " cli/cells cli/files cli/pages cli/terminal::test_consoles"
        " cli/terminal::test_visible cli/terminal::test_commands cli/terminal::test_names_are_shown"
        " cli/terminal::test_estimates cli/terminal::test_errors cli/process::test_completion"
        " cli/process::test_help_explains_every_command cli/process::test_no_command_shows_the_help"
        " cli/memory::test_what_would_take_too_much cli/memory::test_what_fits_exactly"
        " cli/memory::test_parquet_of_unknown_size cli/memory::test_pages_together"
        " cli/memory::test_sizes_of_pages cli/memory::test_damaged_headers cli/memory::test_long_headers"
        " cli/memory::test_columns_that_stand_nowhere",
        without="test_module",  # it imports anew what is there already
        imported="pandas polars pyarrow",
    ),
    "torch": _group(
        "torch/*",
        "adapters/torch adapters/torch_graph adapters/torch_options adapters/torch_internals"
        " adapters/torch_checkpoints"
        " adapters/torch_devices::test_copies_and_checkpoints"
        " adapters/torch_devices::test_a_group_that_is_no_longer_there"
        " adapters/torch_devices::test_what_is_refused",
        "torch",
        # PyTorch's compiler cannot see through what calls a mutant.
        without="compile or tracing or labels_beyond",
    ),
    "jax": _group(
        "jax/*",
        "adapters/jax adapters/jax_graph adapters/jax_internals adapters/jax_devices::test_an_axis_of_vmap"
        " adapters/jax_devices::test_what_is_no_axis adapters/jax_devices::test_only_a_mean_has_an_axis",
        "jax",
        imported="jax",
    ),
    "keras": _group(
        "keras/*",
        "adapters/keras adapters/keras_graph adapters/keras_inputs adapters/keras_model"
        " adapters/keras_objects adapters/keras_internals adapters/keras_tensorflow"
        " adapters/keras_devices_alone adapters/keras_devices::test_saved_with_the_rest"
        " adapters/keras_devices::test_what_is_refused"
        " adapters/keras_devices::test_only_a_mean_is_synchronized",
        "tensorflow",
        # What is slow, or has to trace.
        without="two_replicas or training_reduces or does_not_cast or only_the_backend or unknown_backend"
        " or numpy_as or cannot_be_read or turns_out_empty or test_reading",
        imported="tensorflow keras",
    ),
}

if __name__ == "__main__":
    print(*GROUPS)
