import hashlib
import json
from pathlib import Path

import pytest
from dataset_trees import celeba, cub

from benchmarks.datasets import splits
from benchmarks.datasets.__main__ import main, option


def test_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cub.write(tmp_path, certainty=[[2] * 4] * 9)
    assert main(["show", "cub", str(tmp_path), "-o", "min_certainty=3", "-o", "crop=False"]) == 0
    assert "attribute labels: 0 images" in capsys.readouterr().out
    assert main(["show", "cub", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"]["train"] == 6


def test_verify_reads_every_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cub.write(tmp_path)
    (tmp_path / cub.IMAGE).write_bytes(b"no image")
    assert main(["verify", "cub", str(tmp_path), "--size", "4"]) == 0
    assert (
        "left out: unreadable image: 1 (images/001.Black_footed_Albatross/bird_1.jpg"
        in capsys.readouterr().out
    )


def test_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    celeba.write(tmp_path)
    output = tmp_path / "split.txt"
    assert main(["split", "celeba", str(tmp_path), str(output)]) == 0
    assert hashlib.sha256(output.read_bytes()).hexdigest() in capsys.readouterr().out
    assert set(splits.read(output)) == {f"{number:06d}.jpg" for number in range(1, 10)}


@pytest.mark.parametrize("text", ["True", "true", "False", "false"])
def test_true_and_false_as_in_a_shell(text: str):
    assert option(f"crop={text}") == ("crop", text.lower() == "true")


@pytest.mark.parametrize("option", ["nothing=1", "partition=gone.txt"])
def test_errors_have_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str):
    celeba.write(tmp_path)
    assert main(["show", "celeba", str(tmp_path), "-o", option]) == 1
    assert capsys.readouterr().err.startswith("benchmarks.datasets: ")


def test_an_option_has_a_value(tmp_path: Path):
    with pytest.raises(SystemExit):
        main(["show", "cub", str(tmp_path), "-o", "crop"])
