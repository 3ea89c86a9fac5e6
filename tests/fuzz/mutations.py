"""Valid files with something wrong, and bytes of any kind."""

from hypothesis import strategies as st

TOKENS = [
    *(
        b"",
        b"\0",
        b"\xff",
        b"\n",
        b"\r",
        b'"',
        b",",
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b"-",
        b"0",
        b"null",
        b"true",
    ),
    *(
        b"NaN",
        b"Infinity",
        b"1e999",
        b"-1",
        b"1.5",
        b"9" * 5000,
        b"9" * 400,
        b"\\ud800",
        b"[[]]",
        b"{}",
        b'""',
    ),
    *(b"[" * 2000, b"[" * 2000 + b"]" * 2000, b'"' + b"x" * 5000 + b'"', b'"classes":1,', b'"version":1,'),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f"),
]


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A few cuts, each of which takes some bytes out and puts others in."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        taken = draw(st.sampled_from([0, 0, 1, 1, 2, 5, 30, 10**6]))
        put = draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
        data = data[:start] + put + data[start + taken :]
    return data


def damaged(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    return mutated(seeds) | mutated(seeds) | st.binary(max_size=200)
