"""What templates make of values: of sentences that quote clusters, above all."""

import pytest

from inference.web.tags import BRIEF, brief, prose


def test_a_time_in_a_sentence_is_set_as_a_time() -> None:
    assert '<time datetime="2026-06-01T12:00:00+00:00"' in prose("at 2026-06-01T12:00:00+00:00.")


@pytest.mark.parametrize(
    "text", ["2026-13-45T25:61:61+00:00", "0000-01-01T00:00:00+00:00", "2026-01-01T00:00:00+99:99"]
)
def test_what_only_looks_like_a_time_stays_text(text: str) -> None:
    assert prose(f"it said {text}") == f"it said {text}"


def test_what_a_cluster_says_is_text() -> None:
    assert prose("<b>`<i>`") == '&lt;b&gt;<code class="mono">&lt;i&gt;</code>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No node takes it: 1 Insufficient amd.com/gpu. Preemption helps nobody.",
         "No node takes it: 1 Insufficient amd.com/gpu."),
        ("It said: 5 xx. Ask again.", "It said: 5 xx. Ask again."),
        ("a" * 300, "a" * (BRIEF - 1) + "…"),
    ],
)  # fmt: skip
def test_an_answer_is_the_first_sentence_of_a_paragraph(text: str, shown: str) -> None:
    assert brief(text) == shown
