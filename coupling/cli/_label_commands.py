"""The commands that read label files."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path
from typing import Any

import click

from coupling import _diagnosis, _storage
from coupling._findings import findings
from coupling.cli._options import (
    ColumnType,
    Named,
    NamesType,
    OutputType,
    RelatednessType,
    column_options,
)
from coupling.cli._terminal import echo, echo_json, progress

LABELS = click.Path(path_type=str)


@click.command()
@click.argument("labels", type=LABELS, nargs=-1, required=True)
@column_options(required=True)
@click.option(
    "--classes",
    type=NamesType(),
    help="The names of the classes in the order of your model, with commas between them.  [default: all that"
    " occur, sorted; class_0, class_1, … for integers]",
)
@click.option(
    "--groups",
    "group_column",
    type=ColumnType(),
    help="The column that says which rows are near copies of each other, such as the frames of one video. A"
    " group counts once in every class that it shows.",
)
@click.option(
    "--weight",
    "weight_column",
    type=ColumnType(),
    help="The column with what each row counts.  [default: 1 each]",
)
@click.option(
    "--smoothing",
    type=float,
    default=0.0,
    show_default=True,
    help="So many samples of an attribute's overall rate are added to every class: 1 or so, where classes are"
    " rare.",
)
@click.option(
    "--min-support",
    type=float,
    default=0.0,
    show_default=True,
    help="A class with fewer samples counts as unknown: it takes no part in the losses.",
)
@click.option("-o", "--output", type=OutputType(), help="The JSON file to write.  [default: stdout]")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar and no summary on stderr.")
def estimate(
    labels: tuple[str, ...],
    class_column: str,
    attribute_patterns: tuple[str, ...],
    missing: tuple[str, ...],
    negative: float | None,
    delimiter: str | None,
    classes: list[str] | None,
    group_column: str | None,
    weight_column: str | None,
    smoothing: float,
    min_support: float,
    output: Path | None,
    quiet: bool,
) -> None:
    """Count attributes by class in annotated samples.

    LABELS are CSV or Parquet files (or patterns such as 'labels/*.csv') with a row for each sample, a column
    for its class and one for each attribute. They are read in pieces, so they may be larger than memory. Of
    several files, all should have these columns.

    \b
    coupling relatedness estimate labels.csv --class expression --attributes 'AU*' -o faces.json
    """
    from coupling.cli._annotations import Annotations
    from coupling.cli._estimate import estimate, passes, summary

    annotations = Annotations(
        labels,
        class_column,
        attribute_patterns,
        group_column=group_column,
        weight_column=weight_column,
        classes=classes,
        missing=missing,
        negative=negative,
        delimiter=delimiter,
    )
    if output is not None and output.exists() and any(map(output.samefile, annotations.files)):
        raise ValueError(f"{output}: should be another file than those with labels")
    with progress(annotations.size * passes(annotations), quiet=quiet) as advance:
        result = estimate(annotations, smoothing=smoothing, min_support=min_support, advance=advance)
    data = _storage.encode(result.relatedness.to_dict())
    if output is None:
        echo_json(data.decode().rstrip("\n"))
    else:
        _storage.write(output, data)
    if not quiet:
        echo(summary(result, output), err=True)


@click.command()
@click.argument("file", type=RelatednessType())
@click.argument("labels", type=LABELS, nargs=-1)
@column_options(required=False)
@click.option(
    "--temperature",
    type=float,
    default=1.0,
    show_default=True,
    help="That of the soft labels of co-annotation.",
)
@click.option("--json", "as_json", is_flag=True, help="Numbers for a program instead of words.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar on stderr.")
def diagnose(
    file: Named,
    labels: tuple[str, ...],
    class_column: str | None,
    attribute_patterns: tuple[str, ...],
    missing: tuple[str, ...],
    negative: float | None,
    delimiter: str | None,
    temperature: float,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say where a relatedness can help training.

    With LABELS (CSV or Parquet files, as for `estimate`), how many samples carry which labels is taken into
    account; their columns are those with the names of FILE's attributes, unless --attributes says otherwise.

    \b
    coupling relatedness diagnose faces.json
    coupling relatedness diagnose faces.json labels.csv --class expression
    """
    own = file[1]
    counts: dict[str, Any] = {}
    if labels:
        if class_column is None:
            raise click.UsageError("Missing option '--class', which LABELS need.")
        from coupling.cli._annotations import Annotations

        annotations = Annotations(
            labels,
            class_column,
            attribute_patterns or own.attributes,
            classes=own.classes,
            missing=missing,
            negative=negative,
            delimiter=delimiter,
        )
        own = own.align(attributes=annotations.attributes)
        with progress(annotations.size, quiet=quiet) as advance:
            batches = annotations.batches(advance)
            counted = (_diagnosis.count(own, batch.class_labels, batch.attribute_labels) for batch in batches)
            counts = reduce(_diagnosis.added, counted)
    diagnosis = _diagnosis.of_counts(own, counts, temperature=temperature)
    if as_json:
        echo_json(json.dumps(diagnosis.to_dict(), ensure_ascii=False, indent=1))
    else:
        echo(*findings(diagnosis))
