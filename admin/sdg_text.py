"""Words for the Single Digital Gateway: notes, faults and countries in the reader's language."""

from admin.i18n import number, t
from admin.labels import label
from admin.usage_text import period_name
from tracker.sdg.check import Fault
from tracker.sdg.draft import Note
from tracker.usage.zsk import parse_month


def note_sentence(note: Note) -> str:
    """What people should know about figures."""
    values = {name: number(value) if isinstance(value, int) else value for name, value in note.values.items()}
    if "period" in values:
        values["period"] = period_name(parse_month(str(values["period"])))
    return t(f"sdg.note_{note.rule}", **values)


def fault_sentence(fault: Fault) -> str:
    """Where a message is wrong, and what is expected."""
    sentence = t(f"sdg.fault_{fault.rule}", value=fault.value, expected=fault.expected)
    return f"{fault.place}: {sentence}" if fault.place else sentence


def country_name(code: str) -> str:
    """The country of a code of the gateway, which calls Greece EL."""
    return label("country", "GR" if code == "EL" else code)
