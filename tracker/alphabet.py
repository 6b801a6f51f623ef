"""The order of German words."""

from unicodedata import combining, normalize


def alphabetical(text: str) -> tuple[str, str]:
    """The key that texts are sorted by: Ä stands with A, as in a dictionary (DIN 5007-1)."""
    letters = normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not combining(letter)), text
