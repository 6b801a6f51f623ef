"""Make tracker/data/country.mmdb from the npm package @ip-location-db/geo-whois-asn-country-mmdb.

    npm pack @ip-location-db/geo-whois-asn-country-mmdb && tar xzf ip-location-db-*.tgz
    python tools/country_db.py package/geo-whois-asn-country.mmdb tracker/data/country.mmdb

Needs mmdb-writer (extra `dev`); takes about a minute. The package's own type is refused by geoip2's country(), hence
the rewriting. IPv4 lies under ::/96 as in MaxMind's files; equal subtrees are stored once, which readers do not
notice and which makes the file a third of its size.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import maxminddb
from mmdb_writer import MMDBWriter, SearchTreeLeaf, SearchTreeNode, TreeChild, TreeWriter
from netaddr import IPNetwork, IPSet

TYPE = "Zaehlwerk-Country"
DESCRIPTION = "Country by IP address, from @ip-location-db/geo-whois-asn-country-mmdb (NRO)"
NOT_A_COUNTRY = {"AN", "AP", "EU", "ZZ"}  # withdrawn, or registries' codes for regions and for "unknown"


def networks(source: maxminddb.Reader) -> Iterator[tuple[str, str]]:
    """Yields (network, country code) of every public network whose record is a country.

    The source gives Australia as the home of 192.168.0.0/16 and of a few other ranges that are nobody's.
    """
    for network, record in source:
        if not network.is_global:
            continue
        code = str(record["country_code"]).upper() if isinstance(record, dict) else ""
        if re.fullmatch("[A-Z]{2}", code) and code not in NOT_A_COUNTRY:
            yield str(network), code


def share(child: TreeChild, seen: dict[tuple[object, ...], TreeChild]) -> TreeChild:
    """Replace equal subtrees by one object, and a node with two equal leaves by the leaf."""
    if child is None:
        return None
    if isinstance(child, SearchTreeLeaf):
        return seen.setdefault((str(child.value),), child)
    child.left = share(child.left, seen)
    child.right = share(child.right, seen)
    if child.left is child.right and isinstance(child.left, SearchTreeLeaf):
        return child.left
    return seen.setdefault((id(child.left), id(child.right)), child)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    writer = MMDBWriter(6, TYPE, languages=["en"], description=DESCRIPTION, ipv4_compatible=True)
    with maxminddb.open_database(options.source) as source:
        epoch = source.metadata().build_epoch
        for done, (network, code) in enumerate(networks(source), 1):
            writer.insert_network(IPSet([IPNetwork(network)]), {"country": {"iso_code": code}})
            if done % 100_000 == 0:
                print(f"{done:,} networks", file=sys.stderr)
    root = share(writer.tree, {})
    assert isinstance(root, SearchTreeNode)
    TreeWriter(root, {**writer._build_meta(), "build_epoch": epoch}).write(str(options.target))
    print(f"{options.target}: {options.target.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
