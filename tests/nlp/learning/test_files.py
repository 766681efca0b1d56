import pytest

from nlp.learning.failures import ModelFileError
from nlp.learning.files import replacing, writable


def test_a_folder_that_is_not_there_and_a_folder_as_a_file_are_told(tmp_path):
    for path in (tmp_path / "nowhere" / "a.model", tmp_path):
        with pytest.raises(ModelFileError, match="写不下来"):
            writable(path)


def test_an_input_is_no_place_to_write_to_whatever_it_is_called(tmp_path):
    samples, link = tmp_path / "samples.tsv", tmp_path / "link.tsv"
    samples.write_text("1")
    link.symlink_to(samples)
    with pytest.raises(ModelFileError, match="覆盖"):
        writable(link, [tmp_path / "missing", samples])
    writable(tmp_path / "a.model", [samples])


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "full"), ValueError])
def test_what_is_interrupted_leaves_the_old_file_and_nothing_else(tmp_path, stop):
    path = tmp_path / "a.model"
    path.write_text("old")

    def interrupted():
        with replacing(path) as file:
            file.write(b"half")
            raise stop

    with pytest.raises((KeyboardInterrupt, ModelFileError, ValueError)):
        interrupted()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.model", "old")]


def test_what_is_finished_takes_the_place_of_the_old_file(tmp_path):
    path = tmp_path / "a.model"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.model", "new")]
