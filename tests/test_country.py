from pathlib import Path

import geoip2.database
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tracker.country import BUILT_IN, open_country
from tracker.errors import ConfigError

built_in = open_country(None)


def write(path: Path, kind: str, record: dict[str, object]) -> Path:
    writer = MMDBWriter(4, kind, languages=["en"], description="test")
    writer.insert_network(IPSet(["203.0.113.0/24"]), record)
    writer.to_db_file(str(path))
    return path


@pytest.mark.parametrize(
    ("ip", "code"),
    [
        ("137.248.1.1", "DE"),
        ("84.128.0.1", "DE"),
        ("78.42.0.1", "DE"),
        ("8.8.8.8", "US"),
        ("2003:e7::1", "DE"),
        ("2a02:908::1", "DE"),
        ("2001:638::1", "DE"),
        ("::ffff:84.128.0.1", "DE"),
    ],
)
def test_it_names_the_country_of_known_networks(ip: str, code: str) -> None:
    assert built_in.country(ip) == code


@pytest.mark.parametrize(
    "ip",
    ["", "unix:", "10.0.0.1", "127.0.0.1", "192.168.178.1", "192.0.2.1", "::1", "fe80::1", "fe80::1%eth0", "fd00::1",
     "300.1.1.1", "84.128.0.1:443", "example.org"],
)  # fmt: skip
def test_it_says_nothing_of_private_unknown_and_invalid_addresses(ip: str) -> None:
    assert built_in.country(ip) == ""


@given(st.text(max_size=50) | st.ip_addresses().map(str))
def test_it_answers_two_capitals_or_nothing_whatever_comes(ip: str) -> None:
    code = built_in.country(ip)
    assert code == "" or (len(code) == 2 and code.isascii() and code.isupper())


def test_the_built_in_file_is_a_proper_country_database() -> None:
    with geoip2.database.Reader(BUILT_IN) as reader:
        assert reader.country("137.248.1.1").country.iso_code == "DE"
    assert BUILT_IN.stat().st_size < 4_000_000
    assert "NRO" in BUILT_IN.with_name("country.LICENSE.txt").read_text()


@pytest.mark.parametrize("kind", ["GeoLite2-Country", "GeoLite2-City", "DBIP-Country-Lite"])
def test_it_reads_the_operators_own_file(tmp_path: Path, kind: str) -> None:
    lookup = open_country(write(tmp_path / "own.mmdb", kind, {"country": {"iso_code": "NL", "names": {"en": "x"}}}))
    assert lookup.country("203.0.113.9") == "NL"
    assert lookup.country("84.128.0.1") == ""
    assert lookup.country("2003:e7::1") == ""


def test_it_refuses_a_database_without_countries(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'GeoLite2-ASN', which names no countries.*leave the setting empty"):
        open_country(write(tmp_path / "asn.mmdb", "GeoLite2-ASN", {"autonomous_system_number": 680}))
    with pytest.raises(ConfigError, match="names no countries"):
        open_country(write(tmp_path / "flat.mmdb", "Flat-Country", {"country_code": "DE"}))


def test_it_refuses_missing_damaged_and_truncated_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        open_country(tmp_path / "missing.mmdb")
    for name, content in {"empty": b"", "text": b"hello" * 100, "cut": BUILT_IN.read_bytes()[:100_000]}.items():
        damaged = tmp_path / name
        damaged.write_bytes(content)
        with pytest.raises(ConfigError, match="damaged"):
            open_country(damaged)
