"""What can be wrong with labelled texts and model files, said to people."""

from callcenter.domain.errors import HotlineError


class LearningError(HotlineError):
    """There is nothing to learn or to measure in what was given."""

    code = "learning"


class ModelFileError(HotlineError):
    """The file is no model, is broken, or is of another version."""

    code = "model_file"
