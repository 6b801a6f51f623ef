"""Which scopes a record counts in: the whole site, and each service that its page or its form belongs to."""

from collections.abc import Mapping

from tracker.record import Record
from tracker.services.matcher import Matcher

WHOLE = ("",)


class Scopes:
    """By site the matcher of its pages, by municipality its forms' services, and each site's municipality."""

    def __init__(
        self, pages: Mapping[int, Matcher], forms: Mapping[int, Mapping[str, str]], municipalities: Mapping[int, int]
    ) -> None:
        self._pages = pages
        self._forms = forms
        self._municipalities = municipalities

    def of(self, record: Record) -> tuple[str, ...]:
        """The scopes of a record, "" (the whole site) first, each once."""
        matcher = self._pages.get(record.site)
        services = matcher.services(record.page) if matcher is not None and record.page else ()
        if record.message is not None:
            town = self._municipalities.get(record.site, 0)
            service = self._forms.get(town, {}).get(record.message.form)
            if service is not None and service not in services:
                services = (*services, service)
        return ("", *services) if services else WHOLE
