"""Chinese words of a text, by jieba. The dictionary (1 s, 60 MB) is loaded at the first use only.

jieba is kept from its habits here: it would log to stderr, keep a cache of marshalled data in the
shared temporary folder, and warn at import on newer Pythons.
"""

import warnings
from functools import cache
from typing import Any

LEAST_LENGTH = 2


def words(text: str) -> list[str]:
    """Words of two characters or more, in order."""
    return [word for word in _tokenizer().lcut(text) if len(word) >= LEAST_LENGTH and word.strip()]


@cache
def _tokenizer() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415 - slow to load, and not every process compares texts

        tokenizer = jieba.Tokenizer()
        with tokenizer.get_dict_file() as dictionary:
            tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(dictionary)
    tokenizer.initialized = True
    return tokenizer
