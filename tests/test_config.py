import ipaddress
from pathlib import Path

import pytest

from tracker.config import FILE, SETTINGS, Config, load_config
from tracker.errors import ConfigError

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / FILE).write_text('durability = "fsync"\nfacts_days = 10\nexcluded_networks = ["10.0.0.0/8"]\n')
    config = load_config(tmp_path, {"ZAEHLWERK_FACTS_DAYS": "20"})
    assert (config.durability, config.facts_days) == ("fsync", 20)
    assert config.excluded_networks == (ipaddress.ip_network("10.0.0.0/8"),)


def test_the_directory_comes_from_the_environment_or_is_data():
    assert load_config(None, {"ZAEHLWERK_DATA": "/srv/z"}).data == Path("/srv/z")
    assert load_config(None, {}).data == Path("data").absolute()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("durability", "sometimes", "write, fsync"),
        ("facts_days", "-1", "0 to 400"),
        ("facts_days", "many", "0 to 400"),
        ("trusted_proxies", "10.0.0.0/99", "networks"),
        ("base_url", "stats.example.de", "https://"),
        ("honour_dnt", "perhaps", "yes or no"),
        ("typo", "1", "Known settings"),
    ],
)
def test_a_bad_value_names_the_setting_and_what_is_expected(name, text, expected):
    with pytest.raises(ConfigError, match=f"{name}.*{expected}"):
        load_config(None, {f"ZAEHLWERK_{name.upper()}": text})


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / FILE).write_text("durability = ")
    with pytest.raises(ConfigError, match=FILE):
        load_config(tmp_path, {})


def test_defaults_pass_their_own_parsers():
    assert load_config(None, {}) == Config(data=Path("data").absolute())


def test_every_setting_is_documented():
    text = DOCS.read_text("utf-8")
    assert [row.name for row in SETTINGS if f"`{row.name}`" not in text] == []
