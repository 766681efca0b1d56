import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.likeness import likeness

SAME = ("实验小学北门路面塌陷，没有围挡", "文昌路实验小学门口路面塌了个大坑，没围挡")
OTHER = ("实验小学北门路面塌陷", "望湖花园东门路灯不亮")


def test_two_reports_of_one_matter_are_more_alike_than_two_matters():
    assert likeness(*SAME) > 0.5
    assert likeness(*OTHER) < 0.3


def test_the_same_text_is_wholly_alike_whatever_its_spelling():
    assert likeness("路燈不亮！！", "路灯不亮!") == 1


def test_nothing_is_like_nothing():
    assert likeness("", "路灯") == 0
    assert likeness("  ", "  ") == 0


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_likeness_is_a_share_and_does_not_depend_on_the_order(first, second):
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, second) == likeness(second, first)


def test_the_dictionary_loads_in_silence_and_only_when_needed():
    code = (
        "import sys, nlp.likeness, nlp.suggest; assert 'jieba' not in sys.modules;"
        "assert nlp.likeness.likeness('路灯不亮了', '路灯坏了') > 0; assert 'jieba' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
