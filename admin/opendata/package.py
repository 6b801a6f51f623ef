"""What machines read about a release: a Data Package (version 2) and CSV on the Web metadata per table.

Sources: https://datapackage.org/standard/data-package/ and https://www.w3.org/TR/tabular-metadata/.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from admin.opendata.formats import FORMATS
from admin.opendata.manifest import DataFile, Manifest
from admin.opendata.protection.values import MISSING, OK, PERTURBED, ROUNDED, SUPPRESSED
from admin.opendata.published import STATUS, Column, Published, columns_of

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_CSVW_TYPES = {"yearmonth": "gYearMonth"}
_DIALECT = {"delimiter": ",", "lineTerminators": ["\r\n"], "quoteChar": '"', "doubleQuote": True, "header": True}
# frictionless takes these formats for tables by their common names, and then counts no bytes (xlsx: over HTTP).
_FORMATS = {"parquet": "apache-parquet", "xlsx": "excel"}
_STATUSES = (OK, PERTURBED, SUPPRESSED, ROUNDED, MISSING)


def package_of(release: Manifest, tables: Sequence[Published]) -> dict[str, Any]:
    """The content of datapackage.json: one resource per CSV file with its schema, and one per other file."""
    publisher = release.publisher
    by_name = {published.table.name: published for published in tables}
    return {
        "$schema": _PROFILE,
        "name": f"zaehlwerk-{publisher.ars}-{release.period}-{release.revision}",
        "title": f"{publisher.name}: Nutzung der Online-Dienste, {release.period}",
        "version": f"{release.revision}.0.0",
        "created": release.released,
        "licenses": [_licence(release)],
        "contributors": [{"title": publisher.name, "roles": ["publisher"], **_contact(publisher.website)}],
        "zaehlwerk:method": release.method,
        "zaehlwerk:reason": release.reason,
        "zaehlwerk:missing": release.missing,
        "zaehlwerk:simulated": release.simulated,
        "resources": [_resource(by_name[table.name], file) for table in release.tables for file in table.files],
    }


def _licence(release: Manifest) -> dict[str, str]:
    licence = {"name": release.licence.rstrip("/").split("/licenses/")[-1].replace("/", "-"), "path": release.licence}
    return {**licence, "title": release.attribution} if release.attribution else licence


def _contact(website: str) -> dict[str, str]:
    return {"path": website} if website else {}


def _resource(published: Published, file: DataFile) -> dict[str, Any]:
    table = published.table
    found: dict[str, Any] = {
        "name": PurePosixPath(file.name).name.replace(".", "-"),
        "path": file.name,
        "title": table.title.de,
        "description": table.description.de,
        "format": _FORMATS.get(file.format, file.format),
        "mediatype": file.media_type,
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }
    if file.format != FORMATS[0].ending:
        return found
    dialect = {"lineTerminator": "\r\n"}
    return {**found, "type": "table", "encoding": "utf-8", "dialect": dialect, "schema": _schema(published)}


def _schema(published: Published) -> dict[str, Any]:
    columns = columns_of(published.table)
    return {
        "fields": [_field(column) for column in columns],
        "primaryKey": [column.name for column in columns if column.key],
        "missingValues": [""],
    }


def _field(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "title": column.title.de, "type": column.kind}
    if _is_status(column):
        return {**found, "constraints": {"required": True, "enum": list(_STATUSES)}}
    return {**found, "constraints": {"required": True}} if column.key else found


def _is_status(column: Column) -> bool:
    return column.name.endswith(f"_{STATUS}")


def csvw_of(release: Manifest, published: Published) -> dict[str, Any]:
    """The content of <table>.csv-metadata.json."""
    table = published.table
    columns = columns_of(table)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "de"}],
        "url": f"{table.name}.csv",
        "dc:title": [{"@value": table.title.de, "@language": "de"}, {"@value": table.title.en, "@language": "en"}],
        "dc:description": {"@value": table.description.de, "@language": "de"},
        "dc:license": {"@id": release.licence},
        "dc:publisher": release.publisher.name,
        "dc:issued": {"@value": release.released, "@type": "xsd:dateTime"},
        "dialect": _DIALECT,
        "tableSchema": {
            "columns": [_csvw_column(column) for column in columns],
            "primaryKey": [column.name for column in columns if column.key],
        },
    }


def _csvw_column(column: Column) -> dict[str, Any]:
    datatype: Any = _CSVW_TYPES.get(column.kind, column.kind)
    if _is_status(column):
        datatype = {"base": "string", "format": "|".join(_STATUSES)}
    return {
        "name": column.name,
        "titles": {"de": [column.name, column.title.de], "en": [column.title.en]},
        "datatype": datatype,
        "required": column.key or _is_status(column),
    }
