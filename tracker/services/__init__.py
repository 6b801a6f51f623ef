"""Services as master data: values, rules, exchange as CSV and JSON, which page belongs to which. Pure; no I/O."""
