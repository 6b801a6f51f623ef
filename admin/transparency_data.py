"""The page's data set in the words of schema.org, for search engines (Google, "Dataset structured data")."""

from typing import Any

from admin.i18n import current_language, t
from admin.opendata.manifest import Manifest
from admin.transparency_files import Book


def dataset(book: Book, page: str, files: str) -> dict[str, Any]:
    """The schema.org Dataset of what a municipality publishes. `page` and `files` are absolute addresses."""
    release = book.newest
    publisher = release.publisher
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": t("transparency.dataset_name", town=publisher.name),
        "description": t("transparency.description", town=publisher.name),
        "url": page,
        "inLanguage": current_language(),
        "license": release.licence,
        "isAccessibleForFree": True,
        "creator": {"@type": "GovernmentOrganization", "name": publisher.name},
        "spatialCoverage": {"@type": "Place", "name": publisher.name, "identifier": publisher.ars},
        "temporalCoverage": f"{book.first.isoformat()}/{book.last.isoformat()}",
        "dateModified": release.released,
        "distribution": [file for row in (*book.months[-1:], *book.days[-1:]) for file in _files(row, files)],
    }
    if publisher.website:
        found["creator"]["url"] = publisher.website
    return found


def _files(release: Manifest, base: str) -> list[dict[str, str]]:
    return [
        {
            "@type": "DataDownload",
            "name": f"{table.name} {release.period}",
            "encodingFormat": file.media_type,
            "contentUrl": f"{base}/{release.path}/{file.name}",
        }
        for table in release.tables
        for file in table.files
        if file.format == "csv"
    ]
