"""Philox4x32-10 in plain Python integers (Salmon, Moraes, Dror and Shaw 2011), with Random123's known answers."""

WORD = 2**32
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
STEPS = (0x9E3779B9, 0xBB67AE85)

KNOWN_ANSWERS = {
    "zeros": ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    "ones": ((WORD - 1,) * 4, (WORD - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    "digits of pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
}
"""Counter, key and the four words of Random123's file kat_vectors."""


def philox4x32(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Ten rounds: each multiplies two words, swaps halves and mixes in a key that steps by a Weyl sequence."""
    a, b, c, d = counter
    for turn in range(10):
        round_key = [(word + turn * step) % WORD for word, step in zip(key, STEPS, strict=True)]
        high0, low0 = divmod(MULTIPLIERS[0] * a, WORD)
        high1, low1 = divmod(MULTIPLIERS[1] * c, WORD)
        a, b, c, d = high1 ^ b ^ round_key[0], low1, high0 ^ d ^ round_key[1], low0
    return a, b, c, d


def uniform(key: int, identity: int, partner: int = 0) -> float:
    """53 bits of the first two words for the counter (identity, partner), as the middle of one of 2^53 intervals."""
    counter = (identity % WORD, identity // WORD, partner % WORD, partner // WORD)
    first, second, _, _ = philox4x32(counter, (key % WORD, key // WORD))
    return ((second * WORD + first) // 2**11 + 0.5) / 2**53
