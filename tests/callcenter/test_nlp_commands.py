"""`callcenter nlp` as a person types it."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callcenter.cli import cli

OWN = Path(__file__).parents[1] / "nlp" / "learning" / "own_sample.tsv"
RUNNER = CliRunner()


def run(*arguments, given=None):
    return RUNNER.invoke(cli, ["nlp", *map(str, arguments)], input=given)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "own.model"
    assert run("train", "--labels", OWN, "--out", path).exit_code == 0
    return path


def written(folder, text):
    path = folder / "labels.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_one_line_per_text_three_guesses_best_first(model):
    ran = run("predict", "--model", model, given="夜里工地太吵\n养老金没有发\n")
    assert ran.exit_code == 0
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [(len(row), row[0]) for row in rows] == [(6, "噪音"), (6, "社保")]
    assert all(float(row[1]) >= float(row[3]) >= float(row[5]) for row in rows)


def test_an_empty_line_is_told_with_its_number_and_skipped(model):
    ran = run("predict", "--model", model, given="夜里工地太吵\n\n养老金没有发")
    assert len(ran.stdout.splitlines()) == 2
    assert "第 2 行" in ran.stderr


def test_bytes_that_are_no_text_spoil_their_line_only(model):
    ran = run(
        "predict", "--model", model, given="夜里工地太吵\n".encode() + b"\xff\xfe\x00\n" + b"x" * 100_000
    )
    assert ran.exit_code == 0
    assert len(ran.stdout.splitlines()) == 2
    assert "第 2 行：不是 UTF-8" in ran.stderr


def test_two_classes_give_two_guesses(tmp_path):
    labels = written(tmp_path, "灯\t路灯不亮\n水\t水管漏水\n灯\t路灯坏了\n水\t水管爆了\n")
    run("train", "--labels", labels, "--out", tmp_path / "two.model")
    ran = run("predict", "--model", tmp_path / "two.model", given="路灯\n")
    assert len(ran.stdout.strip().split("\t")) == 4


def test_measures_tables_and_confusions_are_shown(model):
    ran = run("evaluate", "--model", model, "--labels", OWN)
    assert ran.exit_code == 0
    for said in (
        "accuracy",
        "macro-F1",
        "top-3",
        "calibration error",
        "coverage at 0.9",
        "噪音",
        "confusion",
    ):
        assert said in ran.stdout


def test_broken_lines_are_told_and_the_rest_is_learned(tmp_path):
    text = OWN.read_text(encoding="utf-8") + "only one column\n"
    ran = run("train", "--labels", written(tmp_path, text), "--out", tmp_path / "a.model")
    assert ran.exit_code == 0
    assert f"第 {len(text.splitlines())} 行" in ran.stderr
    assert (tmp_path / "a.model").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有可用的行"),
        ("label\ttext\n", "没有可用的行"),
        (b"\xff\xfe\xfd", "没有可用的行"),
        ("灯\t路灯不亮\n灯\t路灯坏了\n", "只有一个类别"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence_and_leaves_no_file(tmp_path, text, said):
    ran = run("train", "--labels", written(tmp_path, text), "--out", tmp_path / "a.model")
    assert ran.exit_code == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "a.model").exists()


def test_unknown_labels_are_named(model, tmp_path):
    ran = run("evaluate", "--model", model, "--labels", written(tmp_path, "外星\t不明飞行物\n"))
    assert ran.exit_code == 1
    assert "外星" in ran.stderr


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_file_that_is_no_model_is_refused(command, tmp_path):
    wanted = ["--labels", OWN] if command == "evaluate" else []
    ran = run(command, "--model", written(tmp_path, "x" * 1000), *wanted, given="吵\n")
    assert ran.exit_code == 1
    assert "不是模型文件" in ran.stderr


@pytest.mark.parametrize("path", ["nothing.tsv", "."])
def test_a_file_that_is_not_there_is_told(tmp_path, path):
    ran = run("train", "--labels", tmp_path / path, "--out", tmp_path / "a.model")
    assert ran.exit_code == 1
    assert "打不开" in ran.stderr


def test_a_folder_that_is_not_there_is_told_before_the_training(tmp_path):
    ran = run("train", "--labels", OWN, "--out", tmp_path / "nowhere" / "a.model")
    assert ran.exit_code == 1
    assert "写不下来" in ran.stderr


@pytest.mark.parametrize("label", ["长" * 300, "甲\r乙", "\x1b[31m甲"])
def test_a_label_that_fits_no_model_is_told_before_the_training(tmp_path, label):
    labels = written(tmp_path, f"灯\t路灯不亮\n水\t水管漏水\n{label}\t别的事\n")
    ran = run("train", "--labels", labels, "--out", tmp_path / "a.model")
    assert ran.exit_code == 0
    assert "第 3 行" in ran.stderr
    assert run("predict", "--model", tmp_path / "a.model", given="路灯\n").exit_code == 0


def test_samples_are_never_overwritten_by_their_model(tmp_path):
    labels = written(tmp_path, "灯\t路灯不亮\n水\t水管漏水\n")
    ran = run("train", "--labels", labels, "--out", labels)
    assert ran.exit_code == 1
    assert "会被覆盖" in ran.stderr
    assert labels.read_text("utf-8").startswith("灯")


@pytest.mark.parametrize("name", ["[/x]", "[red]", "[1]"])
def test_brackets_in_names_are_shown_as_they_are(tmp_path, name):
    ran = run("predict", "--model", name, given="吵\n")
    assert ran.exit_code == 1
    assert name in ran.stderr
    ran = run("train", "--labels", written(tmp_path, f"{name}\t吵\n"), "--out", tmp_path / "a.model")
    assert name in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_one_sentence(model):
    with Path("/dev/full").open("wb", buffering=0) as full:
        ran = subprocess.run(
            [sys.executable, "-m", "callcenter", "nlp", "predict", "--model", str(model)],
            input="夜里工地太吵\n".encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ran.returncode != 0
    assert "写不下去" in ran.stderr.decode()
    assert "Traceback" not in ran.stderr.decode()
