"""The catalogue of services of each municipality, and what the loader needs of it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.alphabet import alphabetical
from tracker.errors import ConfigError
from tracker.services.fields import keep
from tracker.services.matcher import Matcher
from tracker.services.rules import ServiceError, conflicts, problem, problems
from tracker.services.service import CHANNELS, TEXTS, Form, Service, Step
from tracker.store.catalogue import Catalogue, Site
from tracker.store.schema import transaction

_COLUMNS = (*TEXTS, "cost_per_month_cents", "sdg")


class Matchers(NamedTuple):
    """What the loader asks: site → matcher of its pages, and municipality → form → service, all by slug.

    `gateway`: site → the services whose pages belong to the Single Digital Gateway; sites without any are missing.
    """

    sites: dict[int, Matcher]
    forms: dict[int, dict[str, str]]
    gateway: dict[int, frozenset[str]]


class Services:
    """The services of one data directory. Those of one municipality are told apart by their slugs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, municipality_id: int) -> list[Service]:
        """The services of a municipality by name."""
        rows = self._rows(f"select id, {', '.join(_COLUMNS)} from service where municipality_id = ?", municipality_id)  # noqa: S608 - declared columns
        channels = self._grouped(
            "select service_id, channel from service_channel join service on id = service_id where municipality_id = ?",
            municipality_id,
        )
        paths = self._grouped(
            """
            select service_id, host || glob
            from service_path
            join service on id = service_id
            where municipality_id = ?
            order by position
            """,
            municipality_id,
        )
        forms = self._forms(municipality_id)
        services = [
            Service(
                **dict(zip(_COLUMNS, (*values, bool(sdg)), strict=True)),
                paths=tuple(path for (path,) in paths.get(number, ())),
                forms=tuple(forms.get(number, ())),
                channels=tuple(code for code in CHANNELS if (code,) in channels.get(number, ())),
            )
            for number, *values, sdg in rows
        ]
        return sorted(services, key=lambda service: (alphabetical(service.name), service.slug))

    def get(self, municipality_id: int, slug: str) -> Service:
        """The service with a slug; raises ConfigError when there is none."""
        for service in self.all(municipality_id):
            if service.slug == slug:
                return service
        raise ConfigError(f"There is no service {slug} in this municipality. `zaehlwerk service list` shows them.")

    def exists(self, municipality_id: int, slug: str) -> bool:
        """Whether a municipality has a service with a slug."""
        return bool(self._rows("select 1 from service where municipality_id = ? and slug = ?", municipality_id, slug))

    def created(self, municipality_id: int) -> dict[str, int]:
        """Service → when it was added, in seconds."""
        return dict(self._rows("select slug, created from service where municipality_id = ?", municipality_id))

    def matcher(self, site: Site) -> Matcher:
        """The matcher of the pages of one site."""
        rows = self._rows(
            """
            select slug, host, glob
            from service_path
            join service on id = service_id
            where municipality_id = ?
            """,
            site.municipality_id,
        )
        return Matcher(_of_site(site, rows))

    def add(self, municipality_id: int, service: Service) -> Service:
        """Keep a new service; it as kept. Raises ServiceError with the rules that it breaks."""
        if keep(service).slug in (known.slug for known in self.all(municipality_id)):
            raise ServiceError([problem("slug", "slug_exists", value=keep(service).slug)])
        return self.apply(municipality_id, [service])[0]

    def change(self, municipality_id: int, service: Service) -> Service:
        """Replace the service with the same slug; it as kept. Raises ServiceError with the rules that it breaks."""
        self.get(municipality_id, keep(service).slug)
        return self.apply(municipality_id, [service])[0]

    def remove(self, municipality_id: int, slug: str) -> None:
        """Remove a service. What was counted of it stays until its time is over."""
        self.get(municipality_id, slug)
        where = (municipality_id, slug)
        self._connection.execute("delete from service where municipality_id = ? and slug = ?", where)

    def apply(self, municipality_id: int, services: Sequence[Service]) -> list[Service]:
        """Add or replace services, all or none; they as kept. Raises ServiceError with the rules that they break."""
        kept = [keep(service) for service in services]
        slugs = {service.slug for service in kept}
        with transaction(self._connection):
            others = [service for service in self.all(municipality_id) if service.slug not in slugs]
            broken = [rule for service in kept for rule in problems(service)]
            broken += [rule for _, rule in conflicts([*others, *kept])]
            if broken:
                raise ServiceError(broken)
            numbers = [self._write_texts(municipality_id, service) for service in kept]
            for number in numbers:
                for table in ("service_path", "service_channel", "service_form"):
                    self._connection.execute(f"delete from {table} where service_id = ?", (number,))  # noqa: S608
            for number, service in zip(numbers, kept, strict=True):
                self._write_parts(municipality_id, number, service)
        return kept

    def matchers(self) -> Matchers:
        """What the loader asks, as the catalogue is now; read it again when the database changed."""
        catalogue = Catalogue(self._connection)
        paths = self._grouped(
            """
            select municipality_id, slug, host, glob
            from service_path
            join service on id = service_id
            """
        )
        forms = self._grouped(
            """
            select service.municipality_id, service_form.slug, service.slug
            from service_form
            join service on service.id = service_id
            """
        )
        gateway = self._grouped("select municipality_id, slug from service where sdg = 1")
        return Matchers(
            {site.id: Matcher(_of_site(site, paths.get(site.municipality_id, ()))) for site in catalogue.sites()},
            {town.id: dict(forms.get(town.id, ())) for town in catalogue.municipalities()},
            {
                site.id: frozenset(slug for (slug,) in gateway[site.municipality_id])
                for site in catalogue.sites()
                if site.municipality_id in gateway
            },
        )

    def _forms(self, municipality_id: int) -> dict[int, list[Form]]:
        """Service number → its forms."""
        steps = self._grouped(
            """
            select form_id, service_step.slug, service_step.name, service_step.name_en, optional
            from service_step
            join service_form on id = form_id
            where municipality_id = ?
            order by service_step.position
            """,
            municipality_id,
        )
        rows = self._rows(
            """
            select service_id, id, slug, name, name_en, end_page
            from service_form
            where municipality_id = ?
            order by position
            """,
            municipality_id,
        )
        found: dict[int, list[Form]] = {}
        for service, number, slug, name, name_en, end_page in rows:
            stations = tuple(
                Step(code, title, english, bool(flag)) for code, title, english, flag in steps.get(number, ())
            )
            found.setdefault(service, []).append(Form(slug, name, name_en, bool(end_page), stations))
        return found

    def _write_texts(self, municipality_id: int, service: Service) -> int:
        """Write the service itself; its number."""
        row = {name: getattr(service, name) for name in _COLUMNS}
        changes = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "changed"))
        cursor = self._connection.execute(
            f"""
            insert into service (municipality_id, {", ".join(_COLUMNS)}, created, changed)
            values (:municipality, {", ".join(f":{name}" for name in _COLUMNS)}, :now, :now)
            on conflict (municipality_id, slug) do update set {changes}
            returning id
            """,  # noqa: S608 - declared columns
            {**row, "municipality": municipality_id, "now": int(time.time())},
        )
        return int(cursor.fetchall()[0][0])

    def _write_parts(self, municipality_id: int, number: int, service: Service) -> None:
        execute = self._connection.executemany
        execute(
            "insert into service_path (service_id, position, host, glob) values (?, ?, ?, ?)",
            [(number, place, *_host_and_glob(path)) for place, path in enumerate(service.paths)],
        )
        execute(
            "insert into service_channel (service_id, channel) values (?, ?)",
            [(number, code) for code in service.channels],
        )
        for place, form in enumerate(service.forms):
            cursor = self._connection.execute(
                """
                insert into service_form (service_id, municipality_id, position, slug, name, name_en, end_page)
                values (?, ?, ?, ?, ?, ?, ?)
                """,
                (number, municipality_id, place, form.slug, form.name, form.name_en, form.end_page),
            )
            execute(
                "insert into service_step (form_id, position, slug, name, name_en, optional) values (?, ?, ?, ?, ?, ?)",
                [
                    (cursor.lastrowid, place, step.slug, step.name, step.name_en, step.optional)
                    for place, step in enumerate(form.steps)
                ],
            )

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def _grouped(self, query: str, *values: object) -> dict[int, list[tuple[Any, ...]]]:
        """The rows of a query by their first column, without it."""
        found: dict[int, list[tuple[Any, ...]]] = {}
        for first, *others in self._rows(query, *values):
            found.setdefault(first, []).append(tuple(others))
        return found


def _step(slug: str, name: str, name_en: str, optional: int) -> Step:
    return Step(slug, name, name_en, bool(optional))


def _host_and_glob(path: str) -> tuple[str, str]:
    host, slash, rest = path.partition("/")
    return host, slash + rest


def _of_site(site: Site, rows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Slug and pattern of the paths on a site, as its pages are stored: other hosts than its own stand before."""
    for slug, host, glob in rows:
        if site.owns(host):
            yield slug, glob if host == site.host else host + glob
