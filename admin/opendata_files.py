"""The published files at /opendata: as any static server would give them, with ETag, ranges and compression."""

import gzip
from functools import lru_cache
from pathlib import Path, PurePosixPath

from flask import Blueprint, Response, redirect, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as BaseResponse

from admin.access import config
from admin.spreadsheets import XLSX

blueprint = Blueprint("opendata", __name__, url_prefix="/opendata")

FOREVER = 365 * 86_400  # s; a file of a release never changes
SOON = 300  # s; an index changes once a day
TYPES = {
    ".csv": "text/csv; charset=utf-8; header=present",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle; charset=utf-8",
    ".rdf": "application/rdf+xml",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".xlsx": XLSX,
    ".parquet": "application/vnd.apache.parquet",
    "": "text/plain; charset=utf-8",
}
_PACKED = {".xlsx", ".parquet"}  # what is compressed already
_LEAST = 1024  # bytes below which compression gains nothing
_LONGEST = 255  # bytes of a name; no file system has longer ones
_DEPTH = 4  # municipality, period, revision, file


@blueprint.get("/", defaults={"path": ""})
@blueprint.get("/<path:path>")
def file(path: str) -> BaseResponse:
    """A published file, or the page of a directory."""
    found = _found(path)
    directory = found.is_dir()
    if directory and path and not path.endswith("/"):
        return redirect(f"/opendata/{path}/", 308)
    if directory:
        found = found / "index.html"
    elif path.endswith("/"):
        raise NotFound
    if not found.is_file() or found.suffix not in TYPES:
        raise NotFound
    return _answer(found, _is_release(found))


def _found(path: str) -> Path:
    """The file of an address; 404 for what leads elsewhere, and for what is hidden because it is not finished."""
    joined = safe_join(str(config().opendata), path)
    parts = PurePosixPath(path).parts
    if joined is None or any(part.startswith(".") or len(part.encode()) > _LONGEST for part in parts):
        raise NotFound
    return Path(joined)


def _is_release(path: Path) -> bool:
    """Whether a file belongs to a release, none of whose files ever changes."""
    return len(path.relative_to(config().opendata).parts) == _DEPTH


def _answer(path: Path, forever: bool) -> Response:
    packs = path.suffix not in _PACKED and path.stat().st_size >= _LEAST
    packed = packs and "Range" not in request.headers and request.accept_encodings["gzip"] > 0
    etag = _etag(path)
    if packed:
        response = Response(_packed(str(path), etag), content_type=TYPES[path.suffix])
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{etag}-gzip")
        response.make_conditional(request)
    else:
        response = send_file(path, mimetype=TYPES[path.suffix], etag=etag, conditional=True)
        response.headers["Content-Type"] = TYPES[path.suffix]
    if packs:
        response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.no_cache = None
    response.cache_control.max_age = FOREVER if forever else SOON
    response.cache_control.immutable = forever
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Content-Length, Content-Range, ETag"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _etag(path: Path) -> str:
    status = path.stat()
    return f"{status.st_mtime_ns:x}-{status.st_size:x}"


@lru_cache(maxsize=64)
def _packed(path: str, _etag: str) -> bytes:
    """A file compressed; remembered as long as it stays the same."""
    return gzip.compress(Path(path).read_bytes(), 6, mtime=0)
