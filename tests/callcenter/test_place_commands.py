"""`callcenter nlp train-places` and `nlp places` as a person types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callcenter import parts
from callcenter.cli import cli
from callcenter.config import load_settings
from nlp.live import LiveClassifier

OWN = Path(__file__).parents[1] / "nlp" / "places" / "own_sample.jsonl"
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _no_city(tmp_path, monkeypatch):
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(tmp_path / "state"))


def run(*arguments, given=None):
    return RUNNER.invoke(cli, ["nlp", *map(str, arguments)], input=given)


def test_places_are_found_without_a_model_by_names_and_patterns():
    ran = run("places", given="云溪区水墨林溪开发商延期交房\n咨询社保\n")
    assert ran.exit_code == 0, ran.output
    first, second = map(json.loads, ran.stdout.splitlines())
    assert first == [{"start": 0, "end": 7, "text": "云溪区水墨林溪", "type": "point", "confidence": 0.6}]
    assert second == []


def test_a_model_is_trained_and_used(tmp_path):
    path = tmp_path / "places.model"
    trained = run("train-places", "--spans", OWN, "--spans", OWN, "--out", path)
    assert trained.exit_code == 0, trained.output
    ran = run("places", "--model", path, given="您好！！反映　青岭区海棠晓月业主电梯停运\n")
    [place] = json.loads(ran.stdout)
    assert place["text"] == "青岭区海棠晓月"


def test_an_empty_line_is_told_with_its_number_and_skipped():
    ran = run("places", given="文昌路\n\n人民路\n")
    assert len(ran.stdout.splitlines()) == 2
    assert "第 2 行" in ran.stderr


def test_bytes_that_are_no_text_spoil_their_line_only():
    ran = run("places", given="文昌路\n".encode() + b"\xff\xfe\x00\n" + b"x" * 100_000)
    assert ran.exit_code == 0
    assert len(ran.stdout.splitlines()) == 2
    assert "第 2 行：不是 UTF-8" in ran.stderr


def test_a_broken_line_of_the_samples_is_told_with_its_number(tmp_path):
    spans = tmp_path / "spans.jsonl"
    spans.write_text("broken\n" + OWN.read_text("utf-8"), "utf-8")
    ran = run("train-places", "--spans", spans, "--out", tmp_path / "m")
    assert ran.exit_code == 0
    assert "第 1 行" in ran.stderr


@pytest.mark.parametrize("content", ["", "\n\n", "broken\n", '{"text": "好", "spans": []}\n'])
def test_nothing_to_learn_from_is_told_in_a_sentence(tmp_path, content):
    spans = tmp_path / "spans.jsonl"
    spans.write_text(content, "utf-8")
    ran = run("train-places", "--spans", spans, "--out", tmp_path / "m")
    assert ran.exit_code == 1
    assert "没有标出地点" in ran.stderr
    assert not (tmp_path / "m").exists()


def test_wrong_files_are_told_in_a_sentence(tmp_path):
    assert "打不开" in run("train-places", "--spans", tmp_path / "none", "--out", tmp_path / "m").stderr
    assert "写不下来" in run("train-places", "--spans", OWN, "--out", tmp_path / "no" / "m").stderr
    ran = run("places", "--model", OWN, given="文昌路\n")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "模型文件" in ran.stderr


def test_the_service_uses_the_model_in_its_state_folder_and_does_without_a_broken_one(tmp_path):
    settings = load_settings().model_copy(update={"state_dir": tmp_path})
    assert parts.place_tagger(settings) is None
    path = tmp_path / parts.MODELS / parts.PLACES
    path.parent.mkdir()
    path.write_bytes(b"no model")
    assert parts.place_tagger(settings) is None
    assert run("train-places", "--spans", OWN, "--out", path).exit_code == 0
    found = LiveClassifier(tagger=parts.place_tagger(settings)).suggest("青岭区海棠晓月业主反映电梯停运")
    assert [span.text for span in found.locations] == ["青岭区海棠晓月"]
