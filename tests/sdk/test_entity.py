"""Entity paths: as the real SDK reads and writes them; patterns against a plain definition."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.entity import EntityPattern, escape_part, format_path, parse_path
from rrsdk.errors import UsageError

# Marks and symbols that Unicode calls alphabetic are letters to Rust and not to Python; both read either way.
parts = st.text(
    st.characters(exclude_categories=("Cs", "Mn", "Mc", "Me", "So", "Cn")), min_size=1, max_size=8
)
any_parts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
small_parts = st.lists(st.sampled_from(["a", "b", "ab", "*", "a b"]), max_size=5).map(tuple)


@given(st.lists(any_parts, max_size=4))
def test_what_is_written_is_read_back(path: list[str]) -> None:
    assert parse_path(format_path(tuple(path))) == tuple(path)


@given(parts)
def test_parts_are_escaped_as_the_real_sdk_does(part: str) -> None:
    rr = pytest.importorskip("rerun")
    assert escape_part(part) == rr.escape_entity_path_part(part)


@given(st.lists(any_parts, min_size=1, max_size=3))
def test_paths_of_the_real_sdk_are_read(path: list[str]) -> None:
    rr = pytest.importorskip("rerun")
    assert parse_path(rr.new_entity_path(path)) == tuple(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a/b", ("a", "b")),
        ("a/b", ("a", "b")),
        ("/a//b/", ("a", "b")),
        ("/", ()),
        ("", ()),
        ("/a b/ü", ("a b", "ü")),
        (r"/a\ b/\u{262E}", ("a b", "☮")),
        (r"/a\/b", ("a/b",)),
        (r"/line\nend\ttab", ("line\nend\ttab",)),
        (r"/\q", ("q",)),
        (r"/\u{D800}", ("u{D800}",)),
    ],
)
def test_parsing(text: str, expected: tuple[str, ...]) -> None:
    assert parse_path(text) == expected


def test_a_lone_backslash_is_refused() -> None:
    with pytest.raises(UsageError, match="lone backslash"):
        parse_path("/a\\")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/a/**", "/a", True),
        ("/a/**", "/a/b/c", True),
        ("/a/**", "/ab", False),
        ("a/**", "/a/b", True),
        ("/**", "/", True),
        ("/", "/", True),
        ("/", "/a", False),
        ("/a/*", "/a/b", True),
        ("/a/*", "/a", False),
        ("/a/*", "/a/b/c", False),
        ("/*/c*", "/a/camera", True),
        ("/**/points", "/points", True),
        ("/**/points", "/a/b/points", True),
        ("/a/**/z", "/a/z", True),
        (r"/a\*", "/a\\*", True),
        (r"/a\*", "/ab", False),
        ("/drei äpfel/*", r"/drei\ äpfel/\u{262E}", True),
        ("/a*", "/a\\nb", True),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert EntityPattern(pattern).matches(parse_path(path)) is expected


@given(small_parts)
def test_a_path_matches_itself_and_no_other(path: tuple[str, ...]) -> None:
    pattern = EntityPattern(format_path(path))
    assert pattern.matches(path)
    assert not pattern.matches((*path, "a"))


@given(st.lists(st.sampled_from(["a", "b", "a*", "*", "*b", "**"]), max_size=5), small_parts)
def test_patterns_mean_what_a_regular_expression_says(pattern: list[str], path: tuple[str, ...]) -> None:
    pieces = ["(?:/[^/]+)*" if one == "**" else "/" + one.replace("*", "[^/]*") for one in pattern]
    expected = re.fullmatch("".join(pieces), "".join("/" + part for part in path)) is not None
    assert EntityPattern("/" + "/".join(pattern)).matches(path) is expected


def test_deep_wildcards_stand_alone() -> None:
    with pytest.raises(UsageError, match="a part of its own"):
        EntityPattern("/a**")


def test_what_a_pattern_begins_with() -> None:
    assert EntityPattern("/__properties/**").first_part == "__properties"
    assert EntityPattern("/a").first_part == "a"
    assert EntityPattern("/**").first_part is None
    assert EntityPattern("/").first_part is None
