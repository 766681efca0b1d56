"""Every way a command fails becomes one sentence with what to do."""

import pytest

from callcenter.setup.failures import explain

OUTPUTS = {
    "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 77": "another package manager",
    "tar: write error: No space left on device\nE: Failed to fetch x": "the disk is full",
    "E: Could not open lock file - open (13: Permission denied)": "a right is missing",
    "W: Temporary failure resolving 'debian.example'\nE: Failed to fetch": "a download did not come through",
    "npm error code EAI_AGAIN": "a download did not come through",
    "error: Failed to fetch: dns error: failed to lookup address": "a download did not come through",
    "curl: (6) Could not resolve host: mirror.example": "a download did not come through",
    "E: Unable to locate package espeak-ng": "the apt sources lack a package",
    "sudo: a password is required": "sudo refused",
    "E: dpkg was interrupted, you must manually run": "an earlier installation was cut off",
}


@pytest.mark.parametrize(("output", "meaning"), OUTPUTS.items())
def test_known_causes_are_named_with_a_remedy(output: str, meaning: str) -> None:
    sentence = explain("Packages", output)
    assert sentence.startswith("Packages failed because ")
    assert meaning in sentence
    assert sentence.endswith("and run the same command again.")
    assert "\n" not in sentence


def test_an_unknown_cause_shows_the_first_line_that_speaks_of_an_error() -> None:
    output = "building\n  Error: Could not resolve './pages/Calls.vue'\n  at main.js\n\n"
    assert explain("Console", output) == "Console failed: Error: Could not resolve './pages/Calls.vue'"


def test_a_line_that_only_announces_the_error_brings_the_next_one() -> None:
    output = "error during build:\n\x1b[31mBuild failed with 2 errors\x1b[0m\n  at x\n"
    assert explain("Console", output) == "Console failed: error during build: Build failed with 2 errors"


def test_without_such_a_line_the_last_one_is_shown() -> None:
    assert explain("Console", "building\nstopped\n") == "Console failed: stopped"


def test_no_output_is_said() -> None:
    assert explain("Console", "") == "Console failed: no output"
