"""The facts that the data-protection documents state: out of the running configuration and what is really stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from admin.i18n import current_language, day, t
from admin.opendata.licences import LICENCES
from admin.opt_out import same_site
from admin.privacy_methods import in_words, released
from tracker.address import host_of
from tracker.audit import texts as audit_texts
from tracker.audit.kinds import FILES, IMPERSONAL, MEMORY, TABLES, FileKind, TableKind
from tracker.audit.report import Report, last
from tracker.config import Config
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.contents import Contents
from tracker.store.opendata import Opendata


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of personal data: what it is, why it is personal, and how long it is kept, in words."""

    what: str
    why: str
    keep: str


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the documents of one municipality state. Lists of hosts, in order; texts in the reader's language."""

    town: Municipality
    config: Config
    visits: Sequence[str]
    counts: Sequence[str]
    searched: Sequence[str]
    reached: Sequence[str]  # hosts where the opt-out cookie works
    unreached: Sequence[str]
    features: frozenset[str]
    methods: str  # of the released open data, and what is set to follow; "" where nothing is published
    automatic: bool
    licence: str
    kept: Sequence[Kept]
    today: str
    audited: str  # when and with what result, "" if never

    @property
    def hosts(self) -> list[str]:
        """All hosts of the municipality."""
        return sorted([*self.visits, *self.counts])

    @property
    def encrypted(self) -> bool:
        """Whether the public address of the installation is https."""
        return self.config.base_url.startswith("https://")


def facts_for(town: Municipality, store: Store, config: Config, now: float) -> DocumentFacts:
    """The facts of a municipality at an instant in seconds."""
    sites = Catalogue(store.connection).sites(town.id)
    setting = Opendata(store.connection).setting(town.id)
    methods = released(config.opendata / town.ars)
    return DocumentFacts(
        town=town,
        config=config,
        visits=_hosts(site for site in sites if site.level == "visits"),
        counts=_hosts(site for site in sites if site.level == "counts"),
        searched=[f"{site.host} ({site.search_param})" for site in sites if site.search_param],
        reached=_hosts(site for site in sites if same_site(site.host, host_of(config.base_url))),
        unreached=_hosts(site for site in sites if not same_site(site.host, host_of(config.base_url))),
        features=frozenset(Contents(store.connection).features(town.id)),
        methods=in_words(methods, setting.method) if methods or setting.automatic else "",
        automatic=setting.automatic,
        licence=LICENCES[setting.licence].title._asdict()[current_language()] if setting.licence in LICENCES else "",
        kept=_kept(config),
        today=day(datetime.fromtimestamp(now, UTC).date()),
        audited=_audited(last(config)),
    )


def _hosts(sites: Iterable[Site]) -> list[str]:
    return [site.host for site in sites]


def _kept(config: Config) -> list[Kept]:
    """Every declared kind that is personal data, or may be."""
    language = current_language()
    words = audit_texts.texts(language)
    kinds: list[TableKind | FileKind] = [*TABLES, *FILES, *MEMORY]
    rows = [row for row in kinds if row.personal not in IMPERSONAL]
    return [
        Kept(words["kinds"][row.name], words["personal"][row.personal], audit_texts.kept(row.keep, config, language))
        for row in rows
    ]


def _audited(report: Report | None) -> str:
    if report is None:
        return ""
    when = day(datetime.fromtimestamp(report.time, UTC).date())
    return t("privacy.audited", day=when, result=t(f"privacy.grade_{report.grade}"))
