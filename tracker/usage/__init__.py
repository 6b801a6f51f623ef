"""Totals from any system: office files are read, their columns mapped, their figures added up. Pure but for reading."""
